/** What is asked of a Prometheus for the dashboards. */
import assert from 'node:assert/strict';
import { z } from 'zod';
import type { RealPrometheus } from '../tools/prometheus.ts';

/** Panel → why a run of a minute on directories alone has nothing for it. dashboards-kubelets.real.test.ts fills these. */
export const QUIET: Readonly<Record<string, string>> = {
  'Full soonest': 'a rate of growth takes an hour of figures',
  'Fullest by inodes': 'directories have no limit of inodes of their own',
  'Age of figures by node': 'directories are measured without kubelets',
  'Time to ask a node': 'directories are measured without kubelets',
  'Circuits of drivers': 'no driver has failed',
};

const answer = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});
/** The series of an instant query; fails where the query is refused. */
export async function ask({ url }: RealPrometheus, query: string): Promise<readonly unknown[]> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
  const body: unknown = await response.json();
  assert.equal(response.status, 200, `${query}: ${JSON.stringify(body)}`);
  return answer.parse(body).data.result;
}
