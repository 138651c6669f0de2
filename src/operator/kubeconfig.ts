import { parse } from 'yaml';
import { z } from 'zod';
import { yamlText } from '../kube/yaml-text.ts';

/** The name of the cluster extension by which the command line finds the operator of `larder up`. */
export const OPERATOR_EXTENSION = 'larder.dev/operator';

const shape = z.looseObject({ clusters: z.array(z.looseObject({ name: z.string(), cluster: z.looseObject({}) })) });

/** The same kubeconfig with the operator's address in every cluster; kubectl ignores extensions. Throws on what is no kubeconfig. */
export function withOperator(kubeconfig: string, operator: { readonly url: string; readonly token: string }): string {
  const config = shape.parse(parse(kubeconfig));
  const extensions = [{ name: OPERATOR_EXTENSION, extension: operator }];
  const clusters = config.clusters.map(({ cluster, ...rest }) => ({ ...rest, cluster: { ...cluster, extensions } }));
  return yamlText({ ...config, clusters });
}
