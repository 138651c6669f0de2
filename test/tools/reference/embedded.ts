/** The page of what the embedded API serves, from its table of kinds. */
import { groupVersion, type Kind } from '../../../src/embedded/kind.ts';
import { kinds } from '../../../src/embedded/kinds.ts';
import { protobufKinds } from '../../../src/embedded/protobuf.ts';
import { code, markdownTable, page } from './markdown.ts';

export function embeddedPage(): string {
  const rows = kinds.map((kind) => [
    code(groupVersion(kind)),
    kind.kind,
    [kind.plural, ...kind.shortNames].map(code).join(' '),
    kind.namespaced ? 'namespace' : 'cluster',
    kind.subresources.map(code).join(' '),
    Object.keys(kind.fields).map(code).join(' '),
    validation(kind),
    kind.effect ?? '',
  ]);
  return page(
    'The embedded Kubernetes API',
    'What `npm start` serves instead of a cluster. It is no Kubernetes: no container runs, nothing is scheduled but onto the one node that stands in, and most of Kubernetes’ controllers are missing. Kinds of your own, by CustomResourceDefinition, are served beside those of the table.',
    markdownTable(
      [
        'API',
        'Kind',
        'Names in kubectl',
        'Scope',
        'Subresources',
        'Field selectors beside name and namespace',
        'Validation',
        'What happens here',
      ],
      rows,
    ),
    '*Structure*: types, unknown fields, quantities and times are checked against the published schema and the fields that are absent are filled in as the API server does. *Structure and rules*: also what the API server validates beyond the schema, with its texts; for the kinds that storage needs all of it, for the others what concerns their own members.',
    '## What is stored and nobody acts on',
    `${listed(kinds.filter(({ effect }) => effect === undefined))}: they are validated, defaulted, listed, watched, patched and scaled as on a cluster, and no controller reads them. So no Deployment makes pods, no Job ends and no PersistentVolume is attached; \`kubectl rollout status\` and \`kubectl wait\` for what a controller would do wait until their timeout. A deletion with \`propagationPolicy=Orphan\` or \`Foreground\` has no collector to wait for.`,
    '## Who may do what',
    'Every request over the socket passes RBAC, as on a cluster: the holder of the administrator’s token is in `system:masters`, ServiceAccounts have the signed tokens of `kubectl create token`, everybody may be impersonated by whom the roles allow it, and a request without a token is one of `system:anonymous`. There are no client certificates, no bootstrap tokens and no external authenticators. The first roles are those of a cluster without the ones of its own controllers; what is missing of them is made at every start, what was changed in them is left alone.',
    '## Who is asked before a write',
    [
      'Webhooks and ValidatingAdmissionPolicies are asked in the order and with the texts of the API server, also about what the API does on its own, such as the end of a namespace. What differs:',
      '- There is no network of services. A webhook’s `service` is reached at the host of a Service of type ExternalName, or else at the first ready address of its EndpointSlices or Endpoints, with the certificate for `NAME.NAMESPACE.svc`; otherwise it counts as not reachable, and its failure policy decides.',
      '- Nobody is asked about tokens and reviews, and nobody can change the binding of a pod. The part `scale` is shown as the object that it is part of.',
      '- Expressions have no `authorizer`: a configuration that speaks of it is refused as invalid. Audit annotations go nowhere, for there is no audit log.',
      '- MutatingAdmissionPolicy is not served.',
    ].join('\n'),
    '## What is answered by name',
    [
      '- **404**: every kind that is not in the table and not defined by a CustomResourceDefinition, such as HorizontalPodAutoscaler, ReplicationController, PodTemplate, ResourceClaim or APIService; and every subresource that is not in it, such as the log of a pod.',
      `- **415**: protobuf bodies of kinds other than the ${protobufKinds.length} that are understood, which are those of the table but CustomResourceDefinition, with the advice to send JSON; patches in a form that is none of the four.`,
      '- **400** and **422**: what the schema or the rules of the kind refuse, with the field and the text of the API server.',
    ].join('\n'),
  );
}

function listed(some: readonly Kind[]): string {
  const names = some.map(({ kind }) => kind);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function validation({ rules }: Kind): string {
  return rules.problems === undefined && rules.updateProblems === undefined ? 'structure' : 'structure and rules';
}
