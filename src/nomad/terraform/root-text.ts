import { MODULES } from '../output/render.ts';
import { hclName, hclText } from './hcl-text.ts';
import { requiredProvider } from './provider.ts';

/** At the root of an output. */
export const ROOT = 'kubernetes.tf';

/** `kubernetes.tf`: how the cluster is reached, and every module. */
export function rootText(modules: readonly string[]): string {
  const calls = modules.map(moduleCall);
  return [
    '# Made by `larder nomad convert`: one module for each job. Inputs of a module: namespace and image_tag.\n',
    requiredProvider,
    variables,
    `provider "kubectl" {
  config_path    = pathexpand(var.kubeconfig)
  config_context = var.kubernetes_context
}
`,
    ...calls,
  ].join('\n');
}

/** The block that calls the module of a service. */
export function moduleCall(name: string): string {
  return `module "${hclName(name)}" {\n  source = ${hclText(`./${MODULES}/${name}`)}\n}\n`;
}

const variables = `variable "kubeconfig" {
  description = "How to reach the cluster."
  type        = string
  default     = "~/.kube/config"
  nullable    = false
}

variable "kubernetes_context" {
  description = "Context of the kubeconfig; null takes the current one."
  type        = string
  default     = null
}
`;
