/** What two keys of a job mean together, where each alone is right: found by random jobs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorsOf } from './checked.ts';
import { type Converted, convertedTexts } from './converted.ts';

interface Parts {
  readonly job?: string;
  readonly group?: string;
  readonly task?: string;
  readonly tasks?: string;
}

const web = 'driver = "docker"\nconfig {\n  image = "example.org/web:1"\n}';

function converted({ job = '', group = '', task = web, tasks = '' }: Parts): Converted {
  const text = `job "a" {\n${job}\ngroup "g" {\n${group}\n${tasks}\ntask "web" {\n${task}\n}\n}\n}\n`;
  return convertedTexts(new Map([['a.nomad.hcl', text]]));
}

const yaml = ({ files }: Converted, name: string): string | undefined =>
  files.get(`modules-k8s/a/manifests/${name}.yaml`);
const accountsOf = ({ report }: Converted, end: string) => report.accounts.filter(({ path }) => path.endsWith(end));

const own =
  'volume "data" {\n  type = "csi"\n  source = "data"\n  access_mode = "single-node-writer"\n  per_alloc = true\n}';
const mounted = `${web}\nvolume_mount {\n  volume = "data"\n  destination = "/data"\n}`;

test('a volume for each allocation of a batch job is the claim of its one pod, and the job stays a Job', async () => {
  const one = converted({ job: 'type = "batch"', group: own, task: mounted });
  assert.deepEqual(await errorsOf(one), []);
  assert.equal(yaml(one, 'statefulset'), undefined);
  assert.match(yaml(one, 'job') ?? '', /persistentVolumeClaim:\n +claimName: data-0\n/);
});

test('where several pods would share it, neither the volume nor its mount is written', async () => {
  for (const job of ['type = "batch"', 'type = "batch"\nperiodic {\n  cron = "@daily"\n}', 'type = "system"']) {
    const several = converted({ job, group: `count = 3\n${own}`, task: mounted });
    assert.deepEqual(await errorsOf(several), [], job);
    assert.ok(
      [...several.files].every(([path, text]) => !path.endsWith('.yaml') || !text.includes('/data')),
      job,
    );
    const told = [...accountsOf(several, 'volume.data'), ...accountsOf(several, 'volume_mount.destination')];
    assert.deepEqual(
      told.map((each) => each.class),
      ['manual', 'manual'],
      job,
    );
  }
});

test('a job that never ends has no times: its schedule is for a person', async () => {
  const system = converted({ job: 'type = "system"\nperiodic {\n  cron = "@daily"\n  prohibit_overlap = true\n}' });
  assert.deepEqual(await errorsOf(system), []);
  assert.ok(yaml(system, 'daemonset')?.includes('schedule') === false);
  for (const end of ['periodic.cron', 'periodic.prohibit_overlap'])
    assert.equal(accountsOf(system, end)[0]?.class, 'manual', end);
});

test('no probe names a port of a task that is not written', async () => {
  const service =
    'service {\n  port = "8080"\n  check {\n    type = "http"\n    path = "/"\n    interval = "10s"\n    timeout = "1s"\n  }\n}';
  const found = converted({ group: service, tasks: 'task "first" {\n  driver = "raw_exec"\n}' });
  assert.deepEqual(await errorsOf(found), []);
  assert.ok(yaml(found, 'deployment')?.includes('Probe') === false);
  assert.match(accountsOf(found, 'check.type')[0]?.text ?? '', /listens on port 8080/);
});

test('of a job of which nothing runs, no line is told as carried over', () => {
  const { report } = converted({ job: 'priority = 70\nperiodic {\n  cron = "@daily"\n}', task: 'driver = "raw_exec"' });
  const kept = report.accounts.filter((each) => each.class === 'direct' || each.class === 'approximate');
  assert.deepEqual(
    kept.filter(({ outputs }) => outputs.length === 0),
    [],
  );
  assert.equal(report.modules[0]?.verdict, 'decide');
});

test('of tags with one name the last counts, as it does for Traefik', async () => {
  const rule = (host: string): string => `"traefik.http.routers.r.rule=Host(\`${host}\`)"`;
  const tags = ['"traefik.enable=false"', rule('old.example.org'), rule('new.example.org'), '"Traefik.Enable=true"'];
  const network = 'network {\n  port "http" {\n    to = 80\n  }\n}';
  const found = converted({ group: `${network}\nservice {\n  port = "http"\n  tags = [\n${tags.join(',\n')}\n]\n}` });
  assert.deepEqual(await errorsOf(found), []);
  assert.match(yaml(found, 'ingress') ?? '', /host: new\.example\.org/);
  assert.equal(accountsOf(found, 'service.tags').filter(({ text }) => text.includes('the last one counts')).length, 2);
});

test('a list of thousands that thousands of lines came from is told whole, with links that somebody can follow', () => {
  const names = [...Array(600).keys()].map((index) => `"plain-${index}"`);
  const network = 'network {\n  port "http" {\n    to = 80\n  }\n}';
  const routers = names.map((_, index) => `"traefik.http.middlewares.m${index}.compress=true"`);
  const tags = ['"traefik.enable=true"', ...routers, ...names].join(',');
  const { report } = converted({ group: `${network}\nservice {\n  port = "http"\n  tags = [${tags}]\n}` });
  const told = report.accounts.filter(({ path }) => path.endsWith('service.tags'));
  assert.ok(told.length >= 601, `${told.length} accounts`);
  assert.ok(told.every(({ outputs }) => outputs.length <= 100));
});

test('a path of the node is of the type that its name shows, where the task did not start without it', () => {
  const bind = (source: string): string =>
    `mount {\n  type = "bind"\n  source = "${source}"\n  target = "/in${source}"\n}`;
  const sources = [
    '/srv/films',
    '/srv/app/conf.d',
    '/srv/app/app.toml',
    '/srv/app/.state',
    '/srv/app/x.sock',
    '/dev/net/tun',
  ];
  const task = `driver = "docker"\nconfig {\n  image = "example.org/web:1"\n${sources.map(bind).join('\n')}\n  volumes = ["/srv/made:/made", "/srv/made.toml:/made.toml"]\n}`;
  const text = yaml(converted({ task }), 'deployment') ?? '';
  const types = [...text.matchAll(/hostPath:\n +path: (\S+)\n(?: +type: (\S+)\n)?/g)].map(([, path, type]) => [
    path,
    type,
  ]);
  assert.deepEqual(
    new Map(types.map(([path = '', type]) => [path, type])),
    new Map([
      ['/srv/films', 'Directory'],
      ['/srv/app/conf.d', 'Directory'],
      ['/srv/app/app.toml', 'File'],
      ['/srv/app/.state', 'Directory'],
      ['/srv/app/x.sock', 'Socket'],
      ['/dev/net/tun', undefined],
      ['/srv/made', 'DirectoryOrCreate'],
      ['/srv/made.toml', undefined],
    ]),
  );
});
