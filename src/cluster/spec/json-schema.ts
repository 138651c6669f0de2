import { z } from 'zod';
import { clusterSpec } from './cluster-spec.ts';

/** JSON Schema (2020-12) of what a person writes; rules between fields are no part of it. */
export function specSchema(): object {
  const title = 'cluster.yaml of Larder';
  return {
    $id: 'https://larder.dev/schemas/cluster.json',
    title,
    ...z.toJSONSchema(clusterSpec, { io: 'input', reused: 'inline' }),
  };
}
