/** What the requirement for growth (pvc-chonker) demands, by its chapters, in short words, and the tests that show it. */
import type { Demand } from './demand.ts';

export const growthDemands: readonly Demand[] = [
  {
    id: 'CH-1.1',
    demand: 'Annotations on a claim: switch, policy, group, thresholds, increase, largest size, provider and type.',
    shown: [
      [
        'src/expand/explain.test.ts',
        'it names every field with its source, who was overruled, and every gate with its numbers',
      ],
      [
        'src/providers/cloud.test.ts',
        'the type is what a person says, then what the claim was modified to, then the volume, then the class',
      ],
    ],
  },
  {
    id: 'CH-1.2-1',
    demand: 'A controller looks at claims again and again.',
    shown: [
      [
        'src/expand/controller.test.ts',
        'a claim that fills grows: one patch with size, stamp and history, and two events in all',
      ],
      ['src/expand/controller.test.ts', 'while nothing changes nothing is written'],
    ],
  },
  {
    id: 'CH-1.2-2',
    demand: 'Usage comes from kubelets.',
    shown: [
      [
        'src/expand/usage/kubelet.test.ts',
        'a summary gives capacity, available, inodes and the moment of the measurement',
      ],
      [
        'test/e2e/kubelets.test.ts',
        'a kubelet whose certificate the CA signed is sent the token, and its sample names the node',
      ],
    ],
  },
  {
    id: 'CH-1.2-3',
    demand: 'Growth at a threshold of bytes or inodes, by a share or an amount, never past the largest size.',
    shown: [
      ['src/expand/decide.test.ts', 'the threshold triggers at exactly its share, and not a byte below'],
      [
        'src/expand/decide.test.ts',
        'inodes trigger on their own, and a filesystem without inodes still grows by space',
      ],
      ['src/expand/settings/settings.test.ts', 'an increase is a share of the size or a quantity, above zero'],
      [
        'src/expand/decide.property.test.ts',
        'a size is a multiple of the step, above the base, and within the maximum, or there is none',
      ],
    ],
  },
  {
    id: 'CH-1.3-1',
    demand: 'The interface of providers, for AWS.',
    shown: [
      [
        'src/providers/index.test.ts',
        'each provider says which classes it serves and what suits them, and none serves what does not grow',
      ],
    ],
  },
  {
    id: 'CH-1.3-2',
    demand: 'EBS volumes.',
    shown: [
      ['src/providers/growth.test.ts', 'a volume of EBS grows once in six hours, and explain says whose limit that is'],
      [
        'src/providers/cloud.test.ts',
        'every row of every table, at both ends: a size that is allowed, and the next one that is not',
      ],
    ],
  },
  {
    id: 'CH-1.3-3',
    demand: 'Permissions of AWS: none to grow, the least to look up.',
    shown: [
      ['src/providers/iam.test.ts', 'each role grants exactly what the look-ups ask for, and only reading'],
      ['src/providers/lookup/aws.test.ts', 'refusals say which action is missing, and which are a matter of time'],
    ],
  },
  {
    id: 'CH-1.4-1',
    demand: 'The six metrics, by name and label.',
    shown: [
      ['src/expand/registry.test.ts', 'the metrics of the requirement have exactly their names, types and labels'],
    ],
  },
  {
    id: 'CH-1.4-2',
    demand: 'Health: ready and alive.',
    shown: [
      [
        'test/e2e/process.test.ts',
        'larder up prints its five lines in order, answers its health, and needs a token for the rest',
      ],
      ['src/operator/liveness.test.ts', 'a process that hears from the API server and looks at its volumes is alive'],
    ],
  },
  {
    id: 'CH-1.4-3',
    demand: 'Events of Kubernetes for what is done.',
    shown: [
      ['src/expand/registry.test.ts', 'events are the closed set of the interface'],
      ['src/kube/events.test.ts', 'an event says what happened to which object, when, and who says so'],
    ],
  },
  {
    id: 'CH-2.1-1',
    demand: 'A Helm chart for production.',
    shown: [
      ['test/e2e/chart.real.test.ts', 'a real API server accepts what the chart renders, for every set of values'],
      [
        'test/e2e/chart-guide.real.test.ts',
        'the commands of the guide install the chart, change it, go back and uninstall it',
      ],
    ],
  },
  {
    id: 'CH-2.1-2',
    demand: 'Roles with the least rights.',
    shown: [
      [
        'test/e2e/permissions.real.test.ts',
        'on a real control plane, the operator does all its work with the documented roles, is refused nothing, and needs all of them',
      ],
      ['src/operator/rbac.test.ts', 'no role has a wildcard, a secret, or the proxy of nodes that nobody asked for'],
    ],
  },
  {
    id: 'CH-2.1-3',
    demand: 'Values of the chart to configure it.',
    shown: [
      [
        'test/e2e/chart.test.ts',
        'every value of the chart has a comment and is in its schema, and the schema has no other',
      ],
    ],
  },
  {
    id: 'CH-2.2-1',
    demand: 'PVCPolicy has a controller.',
    shown: [
      ['src/expand/policy/policies.test.ts', 'a policy that comes, changes or goes counts at once'],
      [
        'src/expand/policy/policies.test.ts',
        'the status says how many claims a policy matches, and is written only when that changes',
      ],
    ],
  },
  {
    id: 'CH-2.2-2',
    demand: 'PVCGroup has a controller.',
    shown: [
      ['src/expand/group/group.test.ts', 'when a member has grown the others follow, once, and the status tells it'],
      ['src/expand/group/shared-size.test.ts', 'each coordination policy has its size'],
    ],
  },
  {
    id: 'CH-2.3-1',
    demand: 'A webhook looks at new claims.',
    shown: [
      [
        'src/expand/admission.test.ts',
        'a new claim gets its first size, also while it has no name yet, and nothing else of it changes',
      ],
      [
        'test/e2e/webhook.ts',
        'the webhook gives a new claim the size that a policy wants, touches no other, and refuses what nobody could follow; without it claims are made as they are',
      ],
    ],
  },
  {
    id: 'CH-2.3-2',
    demand: 'It makes and renews its certificates.',
    shown: [
      [
        'test/e2e/webhook.real.test.ts',
        'on a real control plane, certificates and authorities change under two replicas without a call that fails',
      ],
      [
        'src/operator/webhook/keeper.test.ts',
        'an authority follows the other without a call that fails, wherever a replica is stopped',
      ],
    ],
  },
  {
    id: 'CH-3.1-1',
    demand: 'A pause between two growths.',
    shown: [
      ['src/expand/decide.test.ts', 'the cooldown holds to the millisecond, and the provider may ask for more'],
      [
        'src/expand/controller.test.ts',
        'after a restart the cooldown still holds, and a growth under way is completed by the new process',
      ],
    ],
  },
  {
    id: 'CH-3.1-2',
    demand: 'Few growths at once.',
    shown: [
      ['src/expand/controller.test.ts', 'many claims at once are written at the configured pace'],
      [
        'src/expand/guard/held-back.test.ts',
        'of many claims that want to grow at once no more is asked for than the budget has',
      ],
    ],
  },
  {
    id: 'CH-3.1-3',
    demand: 'A dry run.',
    shown: [
      ['src/expand/decide.test.ts', 'a dry run takes the same path to its very end'],
      ['src/expand/controller.test.ts', 'a dry run announces each size once, writes no claim and counts no success'],
    ],
  },
  {
    id: 'CH-3.1-4',
    demand: 'A circuit breaker for failing providers.',
    shown: [
      [
        'src/expand/guard/circuit.test.ts',
        'it opens after so many failures in a row, and a success in between starts the count again',
      ],
      [
        'src/expand/guard/held-back.test.ts',
        'a driver that fails for several claims is left alone, also after a restart, and probed with one claim',
      ],
    ],
  },
  {
    id: 'CH-3.2-1',
    demand: 'A dashboard for Grafana.',
    shown: [
      [
        'test/e2e/dashboards.real.test.ts',
        'every panel has data from a running Larder, and every rule is evaluated, with no alert in a healthy one',
      ],
    ],
  },
  {
    id: 'CH-3.2-2',
    demand: 'Alert rules.',
    shown: [
      [
        'test/e2e/alerts.real.test.ts',
        'every alert of the chart speaks when it must, is silent when all is well, and is understood by promtool',
      ],
    ],
  },
  {
    id: 'CH-3.2-3',
    demand: 'Structured logs that belong together by an identifier.',
    shown: [
      [
        'src/expand/growth-log.test.ts',
        'the lines of one growth name the same growth, which stands on the claim, from its measurement to its end',
      ],
    ],
  },
  {
    id: 'CH-3.3-1',
    demand: 'Unit tests of more than 80 % of the code: 90 % of the lines of the rooms of growth, every gate both ways.',
    shown: [
      [
        'test/tools/coverage.test.ts',
        'a room passes at nine tenths and not below, and one without lines does not pass',
      ],
      [
        'src/expand/gate/gates.property.test.ts',
        'whatever the situation, the first gate that objects gives the verdict, and what grows has none',
      ],
    ],
  },
  {
    id: 'CH-3.3-2',
    demand: 'Tests from end to end on a cluster.',
    shown: [
      [
        'test/e2e/growing-fleet.real.test.ts',
        'on a real control plane, fifty claims grow to where they should, each by one patch, and then nothing is written',
      ],
      [
        'test/cluster/cluster.real.test.ts',
        'the journeys run on a cluster that is in use, leave a report, and nothing else',
      ],
    ],
  },
  {
    id: 'CH-3.3-3',
    demand: 'Tests with AWS: against a double of its API, and with a real disk where somebody has one.',
    shown: [
      ['src/providers/lookup/aws.test.ts', 'volumes and their last modification are asked for in two signed questions'],
      [
        'test/cluster/cloud.real.test.ts',
        'without a cluster, and on one without a disk of a cloud, it says that it did not run',
      ],
    ],
  },
  {
    id: 'CH-4.1-1',
    demand: 'The interface of providers, for Google Cloud.',
    shown: [
      [
        'src/providers/cloud.test.ts',
        'every driver is found by its volume, by its class and by the name it had before CSI',
      ],
    ],
  },
  {
    id: 'CH-4.1-2',
    demand: 'Persistent disks.',
    shown: [
      [
        'src/providers/cloud.test.ts',
        'every row of every table, at both ends: a size that is allowed, and the next one that is not',
      ],
    ],
  },
  {
    id: 'CH-4.1-3',
    demand: 'What is particular of GKE: regional disks, shares of Filestore, kubelets out of reach.',
    shown: [
      [
        'src/providers/cloud.test.ts',
        'a regional disk, a share of many and an instance above its range have limits of their own',
      ],
      [
        'test/e2e/usage-fallback.real.test.ts',
        'on a real control plane, a volume grows by what Prometheus knows of a node whose kubelet cannot be verified',
      ],
    ],
  },
  {
    id: 'CH-4.1-4',
    demand: 'Accounts of Google Cloud.',
    shown: [
      ['src/providers/lookup/gcp.test.ts', 'a disk is read with the token of the metadata server, as on GKE'],
      ['src/providers/lookup/gcp.test.ts', 'Workload Identity Federation exchanges the token of the pod'],
    ],
  },
  {
    id: 'CH-5.1-1',
    demand: 'Image and source are scanned.',
    shown: [
      [
        'test/tools/security-audit.test.ts',
        'each line of the security audit names a file of tests, and words that stand in it',
      ],
    ],
  },
  {
    id: 'CH-5.2-1',
    demand: 'A whole guide to use.',
    shown: [['test/guides/guides.test.ts', 'the commands of every guide are run by a test, or the guide says why not']],
  },
  {
    id: 'CH-5.2-2',
    demand: 'A guide for each cloud.',
    shown: [
      [
        'src/providers/guides.test.ts',
        'every configuration in the guides is one that Larder takes, and every claim is annotated in its words',
      ],
    ],
  },
  {
    id: 'CH-5.2-3',
    demand: 'Troubleshooting.',
    shown: [['test/rooms/reference.test.ts', 'every warning is explained by symptom too']],
  },
  {
    id: 'CH-5.2-4',
    demand: 'Examples from life.',
    shown: [['test/e2e/examples.ts', 'every example is accepted, and its policies find their claims']],
  },
  {
    id: 'CH-A.1',
    demand: 'CloudProvider: may it grow, its limits, is a size valid, name, classes, defaults.',
    shown: [
      [
        'src/providers/index.test.ts',
        'the setting wins, then the CSI driver, then who provisioned it, then the class; the unknown is generic',
      ],
      ['src/providers/growth.test.ts', 'a size that the provider does not take is not written'],
    ],
  },
  {
    id: 'CH-A.2',
    demand: 'ChonkerConfig: every name of it.',
    shown: [
      [
        'src/expand/settings/configuration.test.ts',
        'every name of the requirement’s ChonkerConfig is known to the file, the environment and the command line',
      ],
    ],
  },
  {
    id: 'CH-A.3',
    demand: 'No database beside the cluster: what must last stands on the claim.',
    shown: [
      [
        'src/expand/controller.test.ts',
        'a write whose answer is lost is found on the claim, told once, and not repeated',
      ],
    ],
  },
  {
    id: 'CH-S.1',
    demand: 'EBS volumes grow at their thresholds.',
    shown: [
      ['src/providers/growth.test.ts', 'a volume of EBS grows once in six hours, and explain says whose limit that is'],
      ['test/cluster/cloud.real.test.ts', 'a disk that a pod fills grows by the driver of the cloud, and is removed'],
    ],
  },
  {
    id: 'CH-S.2',
    demand: 'Fifty claims and more in one cluster.',
    shown: [
      [
        'test/e2e/growing-fleet.real.test.ts',
        'on a real control plane, fifty claims grow to where they should, each by one patch, and then nothing is written',
      ],
    ],
  },
  {
    id: 'CH-S.3',
    demand: 'Prometheus gets every metric.',
    shown: [
      [
        'test/e2e/dashboards.real.test.ts',
        'promtool finds nothing wrong in what a running Larder exposes under its own names',
      ],
    ],
  },
  {
    id: 'CH-S.4',
    demand: 'All tests pass, and a run that did not run them does not count as one.',
    shown: [
      [
        'test/tools/ci.test.ts',
        '.ci/run fails when either run fails, ends without its counts, or nothing passed; the second runs all the same',
      ],
    ],
  },
  {
    id: 'CH-S.5',
    demand: 'AWS and Google Cloud side by side.',
    shown: [
      [
        'src/providers/cloud.test.ts',
        'whatever the size and the settings, a planned size is one that the provider takes',
      ],
    ],
  },
  {
    id: 'CH-S.6',
    demand: 'It works on, whatever dies.',
    shown: [
      [
        'test/soak/soak.real.test.ts',
        'claims that come and go while the API server and one of two operators die again and again are all accounted for',
      ],
    ],
  },
  {
    id: 'CH-S.7',
    demand:
      'Decisions are fast: 100,000 within a second, in [the bench](benchmarks.md#growth); a claim that rests is not decided on.',
    shown: [
      [
        'src/expand/judged.test.ts',
        'a claim that nobody manages is decided on when it is measured anew or something around it changes, else not',
      ],
    ],
  },
  {
    id: 'CH-S.8',
    demand: 'Monitoring and alerts cover it.',
    shown: [
      [
        'test/e2e/chart.test.ts',
        'every metric that an alert or a panel asks for is declared, with the labels that it groups by',
      ],
    ],
  },
  {
    id: 'CH-S.9',
    demand: 'A security audit.',
    shown: [
      [
        'test/tools/security-audit.test.ts',
        'each line of the security audit names a file of tests, and words that stand in it',
      ],
    ],
  },
  {
    id: 'CH-S.10',
    demand: 'Claims of several clouds in one cluster, each by its own limits.',
    shown: [
      [
        'src/providers/index.test.ts',
        'the setting wins, then the CSI driver, then who provisioned it, then the class; the unknown is generic',
      ],
    ],
  },
  {
    id: 'CH-S.11',
    demand: 'Documentation and examples are whole.',
    shown: [
      ['test/guides/guides.test.ts', 'every guide is in the list of guides'],
      ['test/guides/site.test.ts', 'every link and picture of every page leads to a file and an anchor that are there'],
    ],
  },
  {
    id: 'CH-R.1',
    demand: 'Risk: no metrics from kubelets.',
    shown: [
      [
        'src/expand/usage/chain.test.ts',
        'what one source cannot measure is passed on; what nobody can has every reason',
      ],
      ['src/expand/decide.property.test.ts', 'without a trusted measurement nothing grows'],
    ],
  },
  {
    id: 'CH-R.2',
    demand: 'Risk: limits of cloud APIs.',
    shown: [
      [
        'src/providers/lookup/background.test.ts',
        'a failure is said, older facts stay, and the cloud is left alone for longer each time',
      ],
    ],
  },
  {
    id: 'CH-R.3',
    demand: 'Risk: large clusters ([bench](benchmarks.md#growth)).',
    shown: [['src/expand/usage/kubelet.test.ts', 'each node is asked once, however many volumes it has']],
  },
  {
    id: 'CH-R.4',
    demand: 'Risk: growth without end.',
    shown: [
      [
        'src/expand/decide.property.test.ts',
        'followed over days, a claim that fills without end grows at most as often as allowed, and stops at its maximum',
      ],
      [
        'src/expand/guard/guard-gates.test.ts',
        'budgets: what all claims of a namespace or of the cluster may grow by within a day is not passed',
      ],
    ],
  },
  {
    id: 'CH-R.5',
    demand: 'Risk: a provider that fails.',
    shown: [['src/providers/failure.test.ts', 'the words of drivers are read as what they mean, with what to do']],
  },
  {
    id: 'CH-R.6',
    demand: 'Risk: mistakes in the configuration.',
    shown: [
      [
        'src/expand/controller.test.ts',
        'an invalid setting is said once, with field, value and accepted form, and nothing grows',
      ],
      ['src/expand/settings/configuration.test.ts', 'an unknown key is an error that names the nearest known one'],
    ],
  },
  {
    id: 'CH-F.1',
    demand: 'Later: disks of Azure.',
    shown: [['src/providers/growth.test.ts', 'a disk of Azure grows to the end of its tier']],
  },
  {
    id: 'CH-F.2',
    demand: 'Later: storage of one’s own.',
    shown: [['src/providers/index.test.ts', 'directories grow by MiB, everything else by GiB']],
  },
  {
    id: 'CH-F.3',
    demand: 'Later: several clusters.',
    shown: [
      [
        'src/cli/contexts.test.ts',
        'several clusters are asked at once, and each row says whose it is; one cluster says nothing of the kind',
      ],
    ],
  },
  {
    id: 'CH-F.4',
    demand: 'Later: types by use and cost.',
    shown: [
      [
        'src/expand/recommend/recommend.test.ts',
        'gp2 becomes gp3 without becoming slower, also while nothing was measured',
      ],
      [
        'test/e2e/recommend.test.ts',
        'sizes and types are advised from what was measured, with a plan that the API server accepts',
      ],
    ],
  },
  {
    id: 'CH-F.5',
    demand: 'Later: backups.',
    shown: [
      ['src/expand/guard/guard-gates.test.ts', 'backup: growth waits while one reads the claim, but not for ever'],
    ],
  },
  {
    id: 'CH-E.1',
    demand: 'The example of a PVCPolicy, as it stands.',
    shown: [
      [
        'test/e2e/policies.ts',
        "the requirement's examples apply as they stand, wrong values are refused in words, and a policy makes a claim grow",
      ],
    ],
  },
  {
    id: 'CH-E.2',
    demand: 'The example of a PVCGroup, as it stands, across namespaces.',
    shown: [
      [
        'test/e2e/groups.ts',
        "the requirement's group acts when the namespace of its members grants it, and the example for Elasticsearch sizes a new node",
      ],
    ],
  },
];
