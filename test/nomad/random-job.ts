/** Random jobs that Nomad would take, as text: a grammar over what people write, not over what the rules know. */
import fc from 'fast-check';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const name = fc.oneof(word, fc.stringMatching(/^[A-Za-z][A-Za-z0-9_. -]{0,11}[a-z]$/));
const text = fc.oneof(
  word,
  fc.constantFrom(
    'true',
    '0',
    '1.50',
    'a b',
    'x=y',
    '$$',
    '100%',
    'über',
    'a\\"b',
    '${NOMAD_ALLOC_ID}',
    '${NOMAD_PORT_http}',
    '${attr.unique.hostname}',
  ),
  fc.constantFrom(
    'http://other.virtual.consul',
    'http://other.service.consul:9000/x',
    'postgres.service.consul',
    '${meta.disk}',
  ),
);
const duration = fc.constantFrom('500ms', '1s', '30s', '5m', '1h', '90s');
const quoted = (value: string): string => `"${value}"`;

interface Line {
  readonly lines: readonly string[];
}

const attribute = (key: string, value: fc.Arbitrary<string>): fc.Arbitrary<Line> =>
  value.map((each) => ({ lines: [`${key} = ${each}`] }));
const textual = (key: string, value: fc.Arbitrary<string> = text): fc.Arbitrary<Line> =>
  attribute(key, value.map(quoted));
const number = (key: string, min: number, max: number): fc.Arbitrary<Line> =>
  attribute(key, fc.integer({ min, max }).map(String));
const flag = (key: string): fc.Arbitrary<Line> => attribute(key, fc.boolean().map(String));
const list = (key: string, value: fc.Arbitrary<string> = text): fc.Arbitrary<Line> =>
  attribute(
    key,
    fc.array(value.map(quoted), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  );

/** Each part at most once, from any of them on, and some of them not. */
function body(parts: readonly fc.Arbitrary<Line>[]): fc.Arbitrary<readonly string[]> {
  const some = parts.map((part) => fc.option(part, { nil: { lines: [] }, freq: 2 }));
  return fc
    .tuple(fc.nat({ max: parts.length }), ...some)
    .map(([from, ...found]) => [...found.slice(from), ...found.slice(0, from)].flatMap(({ lines }) => lines));
}

function block(head: string, parts: readonly fc.Arbitrary<Line>[]): fc.Arbitrary<Line> {
  return body(parts).map((lines) => wrapped(head, lines));
}

function wrapped(head: string, lines: readonly string[]): Line {
  return { lines: [`${head} {`, ...lines.map((line) => `  ${line}`), '}'] };
}

const entries = (head: string): fc.Arbitrary<Line> =>
  fc
    .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Z][A-Z_]{1,8}$/), text), { maxLength: 4, selector: ([key]) => key })
    .chain((pairs) =>
      fc.constantFrom(' ', ' = ').map((between) => ({
        lines: [`${head}${between}{`, ...pairs.map(([key, value]) => `  ${key} = "${value}"`), '}'],
      })),
    );

const operators = ['=', '!=', '>', 'regexp', 'version', 'set_contains', 'is_set', 'distinct_hosts'];
const constraint = block('constraint', [
  textual(
    'attribute',
    fc.constantFrom(
      '${attr.cpu.arch}',
      '${attr.kernel.name}',
      '${node.class}',
      '${meta.disk}',
      '${attr.unique.hostname}',
      '${node.datacenter}',
    ),
  ),
  textual('operator', fc.constantFrom(...operators)),
  textual('value', fc.constantFrom('amd64', 'linux', 'Hestia', '>= 1.2', 'a|b')),
]);

const template = block('template', [
  textual(
    'data',
    fc.constantFrom(
      'static\\n',
      '{{ with secret \\"nomad/data/x\\" }}A={{ .Data.data.a }}{{ end }}',
      '{{ env \\"NOMAD_PORT_http\\" }}',
      '{{ range service \\"db\\" }}{{ .Address }}{{ end }}',
      '{{ key \\"a/b\\" }}',
    ),
  ),
  textual('destination', fc.constantFrom('local/app.conf', 'secrets/app.env', 'local/dir/x')),
  flag('env'),
  textual('change_mode', fc.constantFrom('restart', 'noop', 'signal')),
  textual('perms', fc.constantFrom('644', '0400')),
]);

const config = block('config', [
  textual(
    'image',
    fc.constantFrom(
      'nginx:1.27',
      'registry.example.org/team/app:v2',
      'ghcr.io/x/y@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
      'redis',
    ),
  ),
  textual('command', word),
  list('args'),
  list('entrypoint', word),
  list(
    'volumes',
    fc.constantFrom('local/app.conf:/etc/app.conf:ro', '/srv/x:/x', 'named:/n', '../alloc/shared:/shared'),
  ),
  list('ports', fc.constantFrom('http')),
  flag('privileged'),
  list('cap_add', fc.constantFrom('NET_ADMIN', 'sys_time')),
  textual('network_mode', fc.constantFrom('bridge', 'host')),
  number('shm_size', 1, 1 << 28),
  textual('work_dir', fc.constantFrom('/app')),
]);

const resources = block('resources', [
  number('cpu', 1, 4000),
  number('memory', 10, 4096),
  number('memory_max', 10, 8192),
  number('cores', 1, 4),
]);

const check = block('check', [
  textual('type', fc.constantFrom('http', 'tcp', 'script', 'grpc')),
  textual('path', fc.constantFrom('/', '/health')),
  textual('interval', duration),
  textual('timeout', duration),
  textual('command', word),
  flag('expose'),
]);

const service = block('service', [
  textual('name', fc.oneof(word, fc.constant('other'))),
  textual('port', fc.constantFrom('http', '8080')),
  textual('provider', fc.constantFrom('nomad', 'consul')),
  list(
    'tags',
    fc.constantFrom(
      'traefik.enable=true',
      'traefik.http.routers.r.rule=Host(`a.example.org`)',
      'traefik.http.routers.r.rule=PathPrefix(`/x`) || Host(`b`)',
      'plain',
    ),
  ),
  check,
]);

const task = (label: string): fc.Arbitrary<Line> =>
  block(`task ${quoted(label)}`, [
    attribute('driver', fc.constantFrom('"docker"', '"podman"', '"exec"', '"raw_exec"', '"java"')),
    textual('user', fc.constantFrom('1000', '1000:1000', 'nobody')),
    flag('leader'),
    textual('kill_timeout', duration),
    config,
    entries('env'),
    entries('meta'),
    template,
    resources,
    constraint,
    block('lifecycle', [textual('hook', fc.constantFrom('prestart', 'poststart', 'poststop')), flag('sidecar')]),
    block('vault', [list('policies', word)]),
    block('volume_mount', [
      textual('volume', fc.constant('data')),
      textual('destination', fc.constantFrom('/data', '/var/lib/x')),
      flag('read_only'),
    ]),
    block('artifact', [
      textual('source', fc.constantFrom('https://example.org/a.tar.gz', 'git::https://example.org/b')),
    ]),
    service,
  ]);

const group = (label: string): fc.Arbitrary<Line> =>
  fc
    .uniqueArray(word, { minLength: 1, maxLength: 3 })
    .chain((tasks) =>
      fc
        .tuple(
          body([
            number('count', 0, 5),
            block('network', [
              textual('mode', fc.constantFrom('bridge', 'host', 'none')),
              fc.integer({ min: 1, max: 65535 }).map((to) => wrapped('port "http"', [`to = ${to}`])),
              fc.integer({ min: 1024, max: 65535 }).map((at) => wrapped('port "fixed"', [`static = ${at}`])),
            ]),
            block('volume "data"', [
              textual('type', fc.constantFrom('csi', 'host')),
              textual('source', fc.constantFrom('glusterfs_app_data', 'disk')),
              textual('access_mode', fc.constantFrom('single-node-writer', 'multi-node-multi-writer')),
              flag('read_only'),
              flag('per_alloc'),
            ]),
            block('restart', [
              number('attempts', 0, 5),
              textual('mode', fc.constantFrom('fail', 'delay')),
              textual('interval', duration),
            ]),
            block('update', [
              number('max_parallel', 0, 3),
              number('canary', 0, 2),
              textual('min_healthy_time', duration),
              flag('auto_revert'),
            ]),
            block('ephemeral_disk', [number('size', 10, 1000), flag('sticky'), flag('migrate')]),
            block('scaling', [number('min', 0, 2), number('max', 2, 9), flag('enabled')]),
            service,
            constraint,
          ]),
          ...tasks.map(task),
        )
        .map(([lines, ...each]) =>
          wrapped(`group ${quoted(label)}`, [...lines, ...each.flatMap((found) => found.lines)]),
        ),
    );

/** The text of one job. */
export const randomJob: fc.Arbitrary<string> = fc
  .record({
    id: name,
    groups: fc.uniqueArray(name, {
      minLength: 1,
      maxLength: 2,
      selector: (each) => each.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    }),
  })
  .chain(({ id, groups }) =>
    fc
      .tuple(
        body([
          textual('type', fc.constantFrom('service', 'batch', 'system', 'sysbatch')),
          list('datacenters', word),
          number('priority', 1, 100),
          textual('namespace', word),
          entries('meta'),
          constraint,
          fc
            .tuple(fc.constantFrom('0 3 * * *', '@daily', '*/5 * * * *'), fc.boolean())
            .map(([cron, alone]) => wrapped('periodic', [`cron = "${cron}"`, `prohibit_overlap = ${alone}`])),
        ]),
        ...groups.map(group),
      )
      .map(
        ([lines, ...each]) =>
          `${wrapped(`job ${quoted(id)}`, [...lines, ...each.flatMap((found) => found.lines)]).lines.join('\n')}\n`,
      ),
  );

/** The same with some of its characters lost, doubled or replaced. */
export const brokenJob: fc.Arbitrary<string> = fc
  .tuple(
    randomJob,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('', '"', '{', '}', '${', '<<E\n', '\0', '=', '\n', '%{', '/*')), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([job, edits]) =>
    edits.reduce((each, [at, put]) => {
      const place = at % (each.length + 1);
      return each.slice(0, place) + put + each.slice(place + 1);
    }, job),
  );
