import { namespace } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'definitions';
const shelves = 'shelves.scene.example.org';
const wood = { type: 'string', enum: ['oak', 'ash'], default: 'oak', description: 'What it is made of.' };
const spec = {
  type: 'object',
  description: 'How the shelf is built.',
  required: ['width'],
  properties: {
    width: { type: 'integer', minimum: 1, maximum: 500, description: 'In centimetres.' },
    wood,
    boards: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, load: { type: 'integer' } },
      },
    },
    replicas: { type: 'integer' },
  },
  'x-kubernetes-validations': [{ rule: "self.wood != 'ash' || self.width < 100", message: 'ash is too soft for that' }],
};
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: shelves },
  spec: {
    group: 'scene.example.org',
    scope: 'Namespaced',
    names: { kind: 'Shelf', plural: 'shelves', singular: 'shelf', shortNames: ['shf'], categories: ['furniture'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [
          { name: 'Width', type: 'integer', jsonPath: '.spec.width' },
          { name: 'Wood', type: 'string', jsonPath: '.spec.wood', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A place for books.',
            properties: {
              spec,
              status: { type: 'object', properties: { replicas: { type: 'integer' }, phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};
const shelf = (name: string, fields: object): object => ({
  apiVersion: 'scene.example.org/v1',
  kind: 'Shelf',
  metadata: { name, namespace: place },
  spec: fields,
});

export const definitions: Scene = {
  name: 'a kind of one’s own is defined, explained, used and taken away',
  steps: [
    given('create', namespace(place)),
    given('apply', shelf('early', { width: 10 })),
    given('apply', definition),
    `wait --for=condition=Established crd/${shelves} --timeout=20s`,
    given('apply', definition),
    `get crd ${shelves}`,
    `get crd ${shelves} -o jsonpath='{.status.acceptedNames} {.status.storedVersions}'`,
    `get crd ${shelves} -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\\n"}{end}'`,
    { line: 'api-resources --api-group=scene.example.org -o wide', until: /shelves/ },
    { line: 'explain shelf.spec', until: /FIELDS/ },
    'explain shelf --recursive',
    'explain shelf.spec.wood',
    'explain shelf.spec.nosuch',
    given('apply', shelf('first', { width: 40, boards: [{ name: 'top', load: 1 }] })),
    given('apply', shelf('first', { width: 40, boards: [{ name: 'top', load: 1 }] })),
    given('apply', shelf('first', { width: 50, boards: [{ name: 'top', load: 2 }] })),
    given('diff', shelf('first', { width: 60, boards: [{ name: 'top', load: 2 }] })),
    `get shf -n ${place}`,
    `get furniture -n ${place} -o wide`,
    `get shelf first -n ${place} -o yaml`,
    `describe shelf first -n ${place}`,
    `patch shelf first -n ${place} -p '{"spec":{"width":1}}'`,
    `patch shelf first -n ${place} --type=merge -p '{"spec":{"width":0}}'`,
    `patch shelf first -n ${place} --type=json -p '[{"op":"replace","path":"/spec/width","value":70}]'`,
    `patch shelf first -n ${place} --type=merge --subresource=status -p '{"status":{"phase":"Up"},"spec":{"width":3}}'`,
    `get shelf first -n ${place} -o jsonpath='{.spec.width} {.status.phase} {.metadata.generation}'`,
    `scale shelf first -n ${place} --replicas=3`,
    given('create', shelf('bad', {})),
    given('create', shelf('bad', { width: 'wide' })),
    given('create', shelf('bad', { width: 10, wood: 'plastic' })),
    given('create', shelf('bad', { width: 200, wood: 'ash' })),
    given('create', shelf('bad', { width: 10, colour: 'red' })),
    given('create --validate=warn', shelf('pruned', { width: 10, colour: 'red' })),
    given('create', shelf('bad', { width: 10, boards: [{ name: 'a' }, { name: 'a' }] })),
    given('apply --server-side --field-manager=alice', shelf('owned', { width: 10, boards: [{ name: 'a', load: 1 }] })),
    given('apply --server-side --field-manager=bob', shelf('owned', { width: 11, boards: [{ name: 'b', load: 1 }] })),
    given(
      'apply --server-side --field-manager=bob --force-conflicts',
      shelf('owned', { width: 11, boards: [{ name: 'b' }] }),
    ),
    `get shelf owned -n ${place} -o yaml --show-managed-fields`,
    `get shelves -n ${place} --sort-by=.spec.width -o custom-columns=N:.metadata.name,W:.spec.width`,
    `label shelf --all -n ${place} room=hall`,
    `get shelves -n ${place} -l room=hall -o name`,
    `wait --for=jsonpath='{.spec.width}'=70 shelf/first -n ${place} --timeout=5s`,
    given('create', { ...definition, metadata: { name: 'wrong.scene.example.org' } }),
    `delete shelf first -n ${place}`,
    `delete crd ${shelves}`,
    `get shelves -n ${place}`,
    `delete ns ${place} --wait=false`,
  ],
};
