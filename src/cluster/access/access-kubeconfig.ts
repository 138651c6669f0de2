/** A kubeconfig for one person and one cluster. */
import { yamlText } from '../../kube/yaml-text.ts';

export interface KubeconfigParts {
  readonly cluster: string;
  readonly user: string;
  /** URL. */
  readonly server: string;
  /** PEM all. */
  readonly ca?: string | undefined;
  readonly certificate: string;
  readonly key: string;
}

export function accessKubeconfig({ cluster, user, server, ca, certificate, key }: KubeconfigParts): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const name = `${user}@${cluster}`;
  return yamlText({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name: cluster, cluster: { server, ...(ca ? { 'certificate-authority-data': base64(ca) } : {}) } }],
    users: [{ name, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }],
    contexts: [{ name, context: { cluster, user: name } }],
  });
}
