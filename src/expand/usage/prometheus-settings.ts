/** What can be said about a Prometheus that knows how full volumes are: rows of the configuration. */
import { setting } from '../settings/setting.ts';
import { type Parsed, parseDuration, parseSwitch } from '../settings/settings.ts';

/** Where a query takes the label matchers that say which claims are meant. */
export const MATCHERS = '$matchers';

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = <T>(reason: string): Parsed<T> => ({ ok: false, reason });

const ADDRESS = 'must be an address such as "http://prometheus.monitoring:9090", or empty';

/** Without a slash at its end; empty: there is none. What stands in it is printed, so that it may hold no password. */
function parseAddress(text: string): Parsed<string> {
  if (text === '') return good('');
  if (!URL.canParse(text)) return bad(ADDRESS);
  const { protocol, username, password, search, hash, href } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return bad(ADDRESS);
  if (username !== '' || password !== '') {
    return bad(`${ADDRESS}; a user and a password have their own settings, because this one is printed`);
  }
  if (search !== '' || hash !== '') return bad(`${ADDRESS}, and end before "?" and "#"`);
  return good(href.replace(/\/+$/, ''));
}

const MATCHER = '[a-zA-Z_][a-zA-Z0-9_]*(?:=~|!~|!=|=)"(?:[^"\\\\\\n]|\\\\.)*"';
const MATCHER_LIST = new RegExp(`^${MATCHER}(?:,\\s*${MATCHER})*$`);

function parseMatchers(text: string): Parsed<string> {
  if (text === '' || MATCHER_LIST.test(text)) return good(text);
  return bad('must be label matchers such as \'cluster="prod",job="kubelet"\', or empty');
}

function parseLabel(text: string): Parsed<string> {
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text)) return good(text);
  return bad('must be the name of a label, for example "namespace"');
}

function parseNeededQuery(text: string): Parsed<string> {
  if (text.includes(MATCHERS) && !text.includes('\n')) return good(text);
  return bad(`must be one line of PromQL with ${MATCHERS} where its label matchers belong`);
}

function parseQuery(text: string): Parsed<string> {
  if (text === '') return good(text);
  const query = parseNeededQuery(text);
  return query.ok ? query : bad(`${query.reason}, or empty`);
}

/** Header values of HTTP: visible characters, none at the ends but those. */
function parseHeader(text: string): Parsed<string> {
  if (/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(text)) return good(text);
  return bad('must be plain text without line breaks, or empty');
}

function parsePath(text: string): Parsed<string> {
  return text.includes('\0') ? bad('must be the path of a file, or empty') : good(text);
}

function parseSpan(text: string): Parsed<number> {
  const duration = parseDuration(text);
  if (duration.ok && duration.value >= 1_000) return duration;
  return bad('must be a duration of at least a second, for example "60s"');
}

const stats = (name: string): string => `kubelet_volume_stats_${name}{${MATCHERS}}`;

export const prometheusSettings = {
  prometheusUrl: setting(
    parseAddress,
    '',
    'Prometheus, Thanos, Mimir or VictoriaMetrics that is asked for volumes that no kubelet measured; empty = none.',
  ),
  prometheusInterval: setting(parseSpan, '60s', 'How often it measures volumes: its scrape interval of kubelets.'),
  prometheusTimeout: setting(parseSpan, '10s', 'How long one of its answers may take.'),
  prometheusMatchers: setting(
    parseMatchers,
    '',
    'Label matchers for all its queries, for example `cluster="prod"` where it keeps several clusters.',
  ),
  prometheusNamespaceLabel: setting(parseLabel, 'namespace', 'Label with the namespace of the claim.'),
  prometheusClaimLabel: setting(parseLabel, 'persistentvolumeclaim', 'Label with the name of the claim.'),
  prometheusCapacityQuery: setting(
    parseNeededQuery,
    stats('capacity_bytes'),
    'Query for capacity; `$matchers` stands for the label matchers.',
  ),
  prometheusAvailableQuery: setting(parseNeededQuery, stats('available_bytes'), 'Query for available bytes.'),
  prometheusUsedQuery: setting(parseQuery, stats('used_bytes'), 'Query for used bytes; empty = capacity − available.'),
  prometheusInodesQuery: setting(parseQuery, stats('inodes'), 'Query for all inodes; empty = inodes do not count.'),
  prometheusInodesFreeQuery: setting(parseQuery, stats('inodes_free'), 'Query for free inodes; may be empty.'),
  prometheusInodesUsedQuery: setting(parseQuery, stats('inodes_used'), 'Query for used inodes; may be empty.'),
  prometheusAbnormalQuery: setting(
    parseQuery,
    stats('health_status_abnormal'),
    'Query that is 1 for a volume that its driver calls abnormal; may be empty.',
  ),
  prometheusTenant: setting(parseHeader, '', 'Tenant: the header X-Scope-OrgID, as Mimir, Cortex and Thanos read it.'),
  prometheusTokenFile: setting(parsePath, '', 'File with a bearer token; else LARDER_PROMETHEUS_TOKEN, if set.'),
  prometheusUser: setting(parseHeader, '', 'User for basic authentication.'),
  prometheusPasswordFile: setting(parsePath, '', 'File with its password; else LARDER_PROMETHEUS_PASSWORD.'),
  prometheusCaFile: setting(parsePath, '', 'File with the certificates that sign the server; empty = those of Node.'),
  prometheusCertificateFile: setting(parsePath, '', 'File with our certificate, for mutual TLS.'),
  prometheusKeyFile: setting(parsePath, '', 'File with its key.'),
  prometheusInsecureTls: setting(
    parseSwitch,
    'false',
    'Send token or password to a server whose certificate cannot be verified.',
  ),
} as const;
