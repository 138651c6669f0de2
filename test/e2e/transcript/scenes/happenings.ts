import { namespace } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'happenings';
const event = (name: string, fields: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: place },
  involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', namespace: place, name: 'thing' },
  type: 'Normal',
  reason: 'Looked',
  message: 'somebody looked at it',
  source: { component: 'watchman', host: 'here' },
  ...fields,
});

export const happenings: Scene = {
  name: 'events are kept and shown',
  steps: [
    given('create', namespace(place)),
    `create cm thing -n ${place}`,
    given('create', event('first')),
    given('create', event('second', { type: 'Warning', reason: 'Fell', message: 'it fell', count: 3 })),
    `get events -n ${place} --sort-by=.metadata.name`,
    `get events -n ${place} --sort-by=.metadata.name -o wide`,
    `get events -n ${place} --field-selector=type=Warning -o name`,
    `get events -n ${place} --field-selector=involvedObject.name=thing,reason=Looked -o name`,
    `events -n ${place} --types=Warning`,
    `events --for cm/thing -n ${place} --types=Normal`,
    `get event first -n ${place} -o yaml`,
    `get events.events.k8s.io first -n ${place} -o yaml`,
    `describe cm thing -n ${place}`,
    given('create', event('third', { type: 'Odd' })),
    given('create', event('third', { involvedObject: { kind: 'ConfigMap', namespace: 'other', name: 'x' } })),
    given('create', {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'fourth', namespace: place },
      eventTime: '2026-01-02T03:04:05.000006Z',
      reportingController: 'example.org/watchman',
      reportingInstance: 'watchman-1',
      action: 'Looking',
      reason: 'Looked',
      type: 'Normal',
      note: 'again',
      regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace: place, name: 'thing' },
    }),
    `get event fourth -n ${place} -o jsonpath='{.message} {.involvedObject.name} {.source} {.reportingComponent}'`,
    `delete events --all -n ${place}`,
    `delete ns ${place} --wait=false`,
  ],
};
