/** What the plan for the cluster demands, by its chapters, in short words, and the tests that show it. */
import type { Demand } from './demand.ts';

const repository = 'test/e2e/cluster-repository.real.test.ts';
const roles = 'test/rig/roles.real.test.ts';
const drills = 'test/rig/cluster-drills.real.test.ts';
const init = 'test/e2e/cluster-init.test.ts';
const report = 'test/ledger/report.test.ts';
const written = ['everything that the requirement names is there', 'every link leads to something'] as const;

export const clusterDemands: readonly Demand[] = [
  {
    id: 'PI-T.1',
    demand: 'Four machines: three servers that are highly available, one worker, set up by Ansible.',
    shown: [[roles, 'a cluster of three servers and a worker']],
  },
  {
    id: 'PI-T.2',
    demand: 'k3s of the stable channel.',
    shown: [
      [
        'test/cluster-run/k3s-binary.real.test.ts',
        'a release of the channel is fetched once, checked by its sum, and is not asked for again',
      ],
    ],
  },
  {
    id: 'PI-T.3',
    demand: 'Check mode is clean, before and after.',
    shown: [
      [roles, 'check mode on clean machines tells of changes and makes none'],
      [roles, 'a second run changes nothing, and neither does check mode'],
    ],
  },
  {
    id: 'PI-T.4',
    demand: 'The roles pass ansible-lint.',
    shown: [
      [
        repository,
        'all checks that need no machine pass in one go: roles in the production profile, YAML, scripts, snapshots, alerts',
      ],
    ],
  },
  {
    id: 'PI-T.5',
    demand: 'Smoke tests for the health of nodes.',
    shown: [[repository, 'the smoke test says what is not well, and nothing when all is']],
  },
  {
    id: 'PI-T.6',
    demand: '64 bits and cgroups v2: the kernel that runs is looked at, not only its file.',
    shown: [
      ['test/rig/base-os.real.test.ts', 'a firmware that reads another file is found out by the kernel that runs'],
      ['src/cluster/preflight/judge.test.ts', 'a machine as it should be has no finding'],
    ],
  },
  {
    id: 'PI-T.7',
    demand: 'Workloads for arm64 only: an image without a build for a node is told.',
    shown: [
      [
        'test/e2e/change-rendered.real.test.ts',
        'an image without a build for a node is told, and one of which nothing is known is not called fine',
      ],
    ],
  },
  {
    id: 'PI-T.8',
    demand: 'Power that fails at any time.',
    shown: [
      [
        'test/rig/run.real.test.ts',
        'an operator who is gone in every phase, a node without power, and the same cluster in the end',
      ],
      ['test/rig/power.real.test.ts', 'machines without power in every phase'],
      [roles, 'a server is rebuilt, loses its power while it joins, and the data is there'],
    ],
  },
  {
    id: 'PI-T.9',
    demand: 'A node is rebuilt within 60 minutes.',
    shown: [
      [drills, 'rebuild: a node leaves, is wiped and joins again'],
      [
        report,
        'rebuilds: 60 minutes are in time and a millisecond more is not; a failure counts, an aborted drill does not',
      ],
    ],
  },
  {
    id: 'PI-T.10',
    demand: 'A critical alert arrives within 5 minutes.',
    shown: [
      [drills, 'alert: a node that Prometheus cannot ask is told, and it stops when it can'],
      [drills, 'drift that a report finds is told and recorded, and is over with the report that finds none'],
      [report, 'alerts: five minutes, 98 %, the first delivery of an alert, critical ones only'],
    ],
  },
  {
    id: 'PI-T.11',
    demand: '95 % of the changes without drift.',
    shown: [[report, 'drift: 95 % of the applied changes, said only where missing reports cannot change it']],
  },
  {
    id: 'PI-T.12',
    demand: 'More than ten nodes only with a deviation that is written down.',
    shown: [['src/cluster/spec/read-spec.test.ts', 'a deviation lets its rule pass until its day']],
  },
  {
    id: 'PI-C.1',
    demand: 'Git is the truth, and a diff comes before each change.',
    shown: [
      ['test/e2e/change.real.test.ts', 'the diff has the lines of kubectl diff --server-side, and its exit code'],
      [report, 'evidence: one before the apply is enough; later evidence, as for going back, takes nothing away'],
    ],
  },
  {
    id: 'PI-C.2',
    demand: 'Machines that can be made again, by runs that change nothing twice.',
    shown: [
      ['test/rig/run.real.test.ts', 'a second bootstrap has nothing to do, and the kubeconfig is for its owner alone'],
      [
        'test/rig/image.real.test.ts',
        'cloud-init itself takes them: by certificate only, with the address and the key that cluster.yaml has',
      ],
    ],
  },
  {
    id: 'PI-C.3',
    demand: 'Secrets are encrypted; people come in by certificates that end; all of it is rotated in time.',
    shown: [
      ['test/rig/token.real.test.ts', 'every node and the file have the new one, and nobody saw it'],
      ['test/rig/access.real.test.ts', 'a certificate that ended is refused'],
      [report, 'rotations: due when the last verified one says so'],
    ],
  },
  {
    id: 'PI-C.4',
    demand: 'Monitoring with routes that are documented, and probes on workloads.',
    shown: [
      [repository, 'alerts speak when they must and are silent at the start, and the routes are those of cluster.yaml'],
      [
        'src/cluster/change/findings.test.ts',
        'a container with probes, requests and a memory limit is fine; each that is missing is named',
      ],
    ],
  },
  {
    id: 'PI-C.5',
    demand: 'Runbooks for bootstrap, failover, rebuild, apply by hand, rotation and monitoring.',
    shown: [
      [init, written[0]],
      [init, written[1]],
    ],
  },
  {
    id: 'PI-L.1',
    demand: 'The layout: automation, cluster, docs, tests; roles base_os, k3s_server, k3s_agent, post_bootstrap.',
    shown: [
      [init, written[0]],
      ['test/cluster-run/roles.real.test.ts', 'the variables of an inventory are what every role takes'],
    ],
  },
  {
    id: 'PI-L.2',
    demand: 'Snapshots of manifests, and tests of automation that are run.',
    shown: [
      [repository, 'snapshots are what kubectl renders, and a changed manifest is noticed'],
      ['test/rig/stranger.real.test.ts', 'the guide of the first evening makes a cluster that its own tests find well'],
    ],
  },
  {
    id: 'PI-0.1',
    demand: 'What Raspberry Pi OS needs, as a role.',
    shown: [
      ['test/rig/base-os.real.test.ts', 'a second run changes nothing, and neither does check mode'],
      ['test/rig/image.real.test.ts', 'the script of Raspberry Pi OS 12 does the same, once'],
    ],
  },
  {
    id: 'PI-0.2',
    demand: 'Quorum and failover as they are expected.',
    shown: [
      [drills, 'failover: the leader dies, the others go on, it comes back, and that is recorded'],
      [drills, 'quorum: its loss is told, nothing is written, and nothing is lost'],
    ],
  },
  {
    id: 'PI-0.3',
    demand: 'SOPS with age, its keys, and how often they change.',
    shown: [
      ['test/e2e/cluster-secrets.real.test.ts', 'files go to and fro between Larder and sops'],
      [
        'test/e2e/cluster-secrets.test.ts',
        'rotate lets people in and out, and is recorded from its beginning to its proof',
      ],
    ],
  },
  {
    id: 'PI-0.4',
    demand: 'Network: flannel, an address of the API, ranges that do not meet.',
    shown: [
      ['src/cluster/spec/read-spec.test.ts', 'every rule has a file that breaks it'],
      ['src/cluster/inventory/inventory.test.ts', 'the address of the API is told apart from its other names'],
    ],
  },
  {
    id: 'PI-0.5',
    demand: 'Prometheus, Loki and Alertmanager, with images for arm64.',
    shown: [
      [
        repository,
        'the chart of Loki takes the values, asks for no image that is not listed, and a real cluster takes what it makes',
      ],
      [
        'test/e2e/alert-targets.real.test.ts',
        'what is rendered is told by a real Alertmanager to the address of the encrypted file, which stands nowhere else',
      ],
    ],
  },
  {
    id: 'PI-0.6',
    demand: 'What is kept of an apply by hand, and its trail.',
    shown: [
      [
        'src/cluster/change/refusals.test.ts',
        'an apply is allowed when nothing is different, and refused for every single thing that is',
      ],
      ['test/ledger/approvals.test.ts', 'evidence that is missing, altered or only a path in words is not approved'],
    ],
  },
  {
    id: 'PI-1.1',
    demand: 'The data model: node, change, run.',
    shown: [
      [
        'src/ledger/data-model.test.ts',
        'a change gives a change, its evidence and its apply, in the names of the data model',
      ],
    ],
  },
  {
    id: 'PI-1.2',
    demand: 'A contract in OpenAPI for what people did.',
    shown: [
      [
        'test/ledger/api-document.test.ts',
        'the six paths of the original contract are there with their operations, and no other method is served at them',
      ],
      [
        'test/ledger/api-document.test.ts',
        'every example is taken, in the order of the document, and every answer is as the document says',
      ],
    ],
  },
  {
    id: 'PI-1.3',
    demand: 'A project of uv with pinned versions.',
    shown: [[init, written[0]]],
  },
  {
    id: 'PI-1.4',
    demand: 'A quickstart from the workstation to the first cluster.',
    shown: [
      ['test/rig/stranger.real.test.ts', 'the guide of the first evening makes a cluster that its own tests find well'],
      ['test/guides/guides.test.ts', 'the commands of every guide are run by a test, or the guide says why not'],
    ],
  },
  {
    id: 'PI-1.5',
    demand: 'Base manifests that a cluster takes.',
    shown: [[repository, 'a real cluster takes every manifest, and says before what would change']],
  },
  {
    id: 'PI-1.7',
    demand: 'The constitution, and reviews that ask for each of its principles.',
    shown: [[init, written[0]]],
  },
  {
    id: 'PI-2.1',
    demand: 'Smoke tests and drills that are due, and told when they are late.',
    shown: [
      [report, 'drills: each kind in its quarter; due until its end, overdue when a whole one went by'],
      [drills, 'no drill is begun while anything is degraded'],
    ],
  },
];
