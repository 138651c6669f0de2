/** The kubeconfig that makes kubectl speak to the embedded API as its administrator. */
import { yamlText } from '../kube/yaml-text.ts';

export interface Access {
  readonly url: string;
  readonly token: string;
  /** PEM. */
  readonly authority: string;
}

const NAME = 'larder';

export function renderKubeconfig({ url, token, authority }: Access): string {
  return yamlText({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: NAME,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(authority).toString('base64') },
      },
    ],
    users: [{ name: NAME, user: { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
    'current-context': NAME,
  });
}
