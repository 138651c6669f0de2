/** What the Terraform modules would make: a plan that asks no cluster, read back. */
import type { TestContext } from 'node:test';
import { z } from 'zod';
import type { PolicyRule } from '../../src/operator/rbac.ts';
import { type Workspace, workspaceFor } from './terraform.ts';

/** A provider that reaches nothing. */
export const offline = `
provider "kubernetes" {
  host             = "https://127.0.0.1:1"
  load_config_file = false
}
`;

const resource = z.object({ type: z.string(), name: z.string(), values: z.record(z.string(), z.json()) });
const plan = z.object({
  planned_values: z.object({
    root_module: z.object({
      child_modules: z.array(z.object({ address: z.string(), resources: z.array(resource) })),
    }),
  }),
});

/** Its values; undefined: the plan has no such resource. */
export type Planned = (module: string, type: string, name?: string) => z.infer<typeof resource>['values'] | undefined;

export async function plannedIn(t: TestContext, root: string): Promise<Planned> {
  const { tofu }: Workspace = await workspaceFor(t, '', root);
  await tofu(0, 'plan', '-input=false', '-out=plan');
  const { planned_values } = plan.parse(JSON.parse(await tofu(0, 'show', '-json', 'plan')));
  return (module, type, name = 'this') =>
    planned_values.root_module.child_modules
      .find(({ address }) => address === `module.${module}`)
      ?.resources.find((each) => each.type === `kubernetes_${type}` && each.name === name)?.values;
}

const rule = z.object({
  api_groups: z.array(z.string()),
  resources: z.array(z.string()),
  resource_names: z.array(z.string()).nullable(),
  verbs: z.array(z.string()),
});

/** Each rule as one text, its words sorted: the provider keeps sets. */
export function rulesIn(role: z.infer<typeof resource>['values'] | undefined): readonly string[] {
  return z
    .array(rule)
    .parse(role?.['rule'])
    .map(({ api_groups, resources, resource_names, verbs }) =>
      textOf(api_groups, resources, resource_names ?? [], verbs),
    )
    .sort();
}

export const wanted = (rules: readonly PolicyRule[]): readonly string[] =>
  rules.map((each) => textOf(each.apiGroups, each.resources, each.resourceNames ?? [], each.verbs)).sort();

export const textOf = (...parts: readonly (readonly string[])[]): string =>
  JSON.stringify(parts.map((part) => [...part].sort()));
