/** Roles and their bindings (pkg/apis/rbac and pkg/printers, read in 1.36). */

import { type JsonObject, listAt, textAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { row } from '../row.ts';
import { isPathSegment } from './path-segment.ts';
import { bindingRules, clusterBindingRules, clusterRoleRules, roleRules } from './role-rules.ts';

const GROUP = 'rbac.authorization.k8s.io/v1';

const named = (binding: JsonObject, kind: string): string =>
  listAt(binding, 'subjects')
    .filter((subject) => textAt(subject, 'kind') === kind)
    .map((subject) => {
      const name = textAt(subject, 'name') ?? '';
      return kind === 'ServiceAccount' ? `${textAt(subject, 'namespace') ?? ''}/${name}` : name;
    })
    .join(', ');

const bindingCells = {
  Role: (binding: JsonObject) =>
    `${textAt(binding, 'roleRef', 'kind') ?? ''}/${textAt(binding, 'roleRef', 'name') ?? ''}`,
  Users: (binding: JsonObject) => named(binding, 'User'),
  Groups: (binding: JsonObject) => named(binding, 'Group'),
  ServiceAccounts: (binding: JsonObject) => named(binding, 'ServiceAccount'),
};

const common = { nameRule: isPathSegment, putCreates: true, effect: 'says who may do what' };

export const roleKinds: readonly Kind[] = [
  row(GROUP, 'clusterrolebindings', { ...common, cells: bindingCells, rules: clusterBindingRules }),
  row(GROUP, 'clusterroles', { ...common, rules: clusterRoleRules }),
  row(GROUP, 'rolebindings', { ...common, cells: bindingCells, rules: bindingRules }),
  row(GROUP, 'roles', { ...common, rules: roleRules }),
];
