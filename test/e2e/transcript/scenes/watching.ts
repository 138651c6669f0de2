import { namespace } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'watching';

export const watching: Scene = {
  name: 'a watch prints what changes, and wait waits for it',
  steps: [
    given('create', namespace(place)),
    `create cm first -n ${place}`,
    {
      line: `get cm -n ${place} -w --output-watch-events --field-selector=metadata.name!=kube-root-ca.crt`,
      watch: {
        ready: /^ADDED +first /m,
        meanwhile: [
          `create cm second -n ${place} --from-literal=a=1`,
          `patch cm second -n ${place} -p '{"data":{"b":"2"}}'`,
          `delete cm second -n ${place}`,
        ],
        last: /^DELETED +second .*\n/m,
      },
    },
    {
      line: `get cm first -n ${place} -w -o jsonpath='{.metadata.labels.n} '`,
      watch: {
        ready: / /,
        meanwhile: [`label cm first -n ${place} n=1`, `label cm first -n ${place} n=2 --overwrite`],
        last: /2 /,
      },
    },
    {
      line: `get cm -n ${place} -l n=2 -w --output-watch-events`,
      watch: { ready: /ADDED +first/, meanwhile: [`label cm first -n ${place} n-`], last: /^DELETED +first .*\n/m },
    },
    `wait --for=create cm/first -n ${place} --timeout=10s`,
    `wait --for=jsonpath='{.metadata.name}'=first cm/first -n ${place} --timeout=10s`,
    `wait --for=jsonpath='{.metadata.name}'=other cm/first -n ${place} --timeout=1s`,
    `wait --for=delete cm/first -n ${place} --timeout=3s`,
    `wait --for=delete cm/nosuch -n ${place} --timeout=1s`,
    `wait --for=jsonpath='{.data.a}' cm/nosuch -n ${place} --timeout=1s`,
    `wait --for=jsonpath='{.status.phase}'=Active ns/${place}`,
    `delete ns ${place} --wait=false`,
  ],
};
