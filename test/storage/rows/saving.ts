/** An API server that cannot save some volumes. */
import type { Client } from '../../../src/kube/index.ts';
import { post } from '../../e2e/account.ts';

/** The API answers 500 to every volume with one of these directories, until the result is called. */
export async function refuseToSave(client: Client, ...directories: readonly string[]): Promise<() => Promise<unknown>> {
  const name = `broken-${directories.join('-')}`;
  const paths = directories.map((directory) => `'/v/${directory}'`).join(', ');
  const webhook = {
    name: 'saving.larder.test',
    clientConfig: { url: 'https://127.0.0.1:9/nobody-listens' },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['persistentvolumes'] }],
    matchConditions: [{ name: 'some', expression: `has(object.spec.nfs) && object.spec.nfs.path in [${paths}]` }],
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 1,
  };
  const collection = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  const apiVersion = 'admissionregistration.k8s.io/v1';
  await post(client, collection, {
    apiVersion,
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [webhook],
  });
  return () => client.request({ method: 'DELETE', path: `${collection}/${name}` });
}
