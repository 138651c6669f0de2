/** Which names a server goes by: a page of another site cannot have them, whatever its name resolves to. Pure. */

/** Host names without port, or forms of them and what these are called. Empty: any. */
export type Hosts = readonly (string | HostForm)[];

interface HostForm {
  readonly form: RegExp;
  readonly text: string;
}

/** No stranger's page has such a name: names with a dot are what can be made to resolve to anything. */
const inCluster: Hosts = [
  'localhost',
  { form: /^(\d{1,3}\.){3}\d{1,3}$|^\[.*\]$/, text: 'an IP address' },
  { form: /^[a-z0-9-]+$|\.svc(\.cluster\.local)?$/, text: 'the name of a Service' },
];

/** What a server in a cluster goes by: forwarded ports, probes, Services, and the names that somebody gave it. */
export function clusterHosts(names: readonly string[]): Hosts {
  return [...names, ...inCluster];
}

/** Why a request is refused; undefined: it is not. `host` and `origin` are its headers. */
export function hostProblem(hosts: Hosts, host: string | undefined, origin: string | undefined): string | undefined {
  const own = urlOf(`http://${host ?? ''}`);
  if (hosts.length > 0 && !hosts.some((each) => fits(each, own?.hostname ?? ''))) {
    const names = hosts.map((each) => (typeof each === 'string' ? each : each.text));
    return `requests must be addressed to ${names.join(' or ')}, not to ${host ?? 'nobody'}`;
  }
  if (origin === undefined || (own !== undefined && urlOf(origin)?.host === own.host)) return undefined;
  return `the request comes from ${origin} and is addressed to ${host ?? 'nobody'}: a proxy in between must leave the Host header as it is`;
}

function fits(each: string | HostForm, name: string): boolean {
  return typeof each === 'string' ? each === name : each.form.test(name);
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
