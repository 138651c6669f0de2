/** What gates and verdicts mean, for people: the reference page of decisions is made from it. */
import type { GateName, Verdict } from '../decision.ts';

interface GateMeaning {
  /** The question that it asks; it passes when the answer is yes. */
  readonly asks: string;
  /** What follows when the answer is no, and what to do; in the present tense. */
  readonly otherwise: string;
}

export const gateMeanings: Readonly<Record<GateName, GateMeaning>> = {
  configuration: {
    asks: 'Can every setting of the claim be read, and its history?',
    otherwise: '`Invalid`: nothing grows until the field that is named is corrected. A default never takes its place.',
  },
  managed: {
    asks: 'Does some place enable growth for it?',
    otherwise:
      '`Unmanaged`: set annotation `pvc-chonker.io/enabled: "true"` on it, its namespace or its class, or use a policy.',
  },
  bound: { asks: 'Is the claim Bound?', otherwise: '`Blocked` until it is: Kubernetes grows only bound claims.' },
  volume: {
    asks: 'Is its volume there, bound to it, and whole?',
    otherwise: '`Blocked`: the message says what the volume is instead; data may need to be brought back first.',
  },
  pause: {
    asks: 'Has nobody paused growth?',
    otherwise:
      '`Blocked` until the annotation `larder.dev/paused` or the setting `paused` that is named is taken away.',
  },
  progress: {
    asks: 'Is no resize under way?',
    otherwise:
      '`InProgress` while one runs, `Stuck` when it failed or did not move on for `stuckAfter`: read the driver’s message.',
  },
  expandable: {
    asks: 'Does its class allow growth, and can its storage?',
    otherwise: '`Blocked`: set `allowVolumeExpansion: true` on the class if the driver can expand.',
  },
  sample: {
    asks: 'Is there a measurement that can be trusted: possible, recent, and after the last resize?',
    otherwise: '`NoSample`: nothing is assumed. The message says why there is none.',
  },
  effective: {
    asks: 'Did the last growth bring room?',
    otherwise: '`Ineffective`: the driver does not really expand. It is not grown for nothing again.',
  },
  storage: {
    asks: 'Is its used share at `threshold` or above?',
    otherwise: 'Reports only: another trigger may be reached.',
  },
  inodes: {
    asks: 'Is the used share of its inodes at `inodes-threshold` or above?',
    otherwise:
      'Reports only. It is left out where a filesystem has no fixed number of inodes, and after a growth that brought none.',
  },
  'full-within': {
    asks: 'Will it be full within the time of `full-within`, as far as its rate of growth can be trusted?',
    otherwise:
      'Reports only. It is left out where the setting is absent or too little was measured ([looking ahead](../guides/forecast.md)).',
  },
  floor: {
    asks: 'Is it smaller than its group or the size that its policy begins with asks for?',
    otherwise: 'Reports only: it is as large as it should be.',
  },
  breaches: {
    asks: 'Was a trigger reached in enough measurements in a row (`breaches`; one from `urgentThreshold` on), the newest of them since Larder started?',
    otherwise: '`Hold`: it has room, or the next measurement decides.',
  },
  size: {
    asks: 'Is a step left below `max-size` and the provider’s maximum?',
    otherwise: '`AtMax`: free space, or raise `max-size`.',
  },
  quota: {
    asks: 'Does every ResourceQuota leave room for a step?',
    otherwise: '`Blocked`: raise the quota that is named, or free storage in the namespace.',
  },
  export: {
    asks: 'Has the export, or the budget on it, room for a step?',
    otherwise: '`Blocked`: free space on the export, or raise the budget that is named.',
  },
  'limit-range': {
    asks: 'Do the LimitRanges of the namespace allow a larger size?',
    otherwise: '`Blocked`: raise the LimitRange that is named.',
  },
  'storage-capacity': {
    asks: 'Has the storage room for a step, as its CSI driver publishes (CSIStorageCapacity)?',
    otherwise: '`Blocked`: add storage where the message says.',
  },
  approval: {
    asks: 'Is the size below `approval-above`, or approved?',
    otherwise: '`Blocked` until a person approves it: annotation `larder.dev/approved-up-to` with the size.',
  },
  'namespace-budget': {
    asks: 'May the claims of its namespace grow by more today?',
    otherwise:
      '`Blocked` until the oldest growth leaves the 24 hours; find out what fills, or raise `bytesPerNamespaceDay`.',
  },
  'cluster-budget': {
    asks: 'May all claims together grow by more today?',
    otherwise:
      '`Blocked` until the oldest growth leaves the 24 hours; find out what fills, or raise `bytesPerClusterDay`.',
  },
  'expansions-per-day': {
    asks: 'Did it grow less often than `expansionsPerDay` in 24 hours?',
    otherwise: '`Blocked` until the oldest growth leaves the 24 hours; a larger `increase` needs fewer.',
  },
  cooldown: {
    asks: 'Is the cooldown over, its own and the provider’s?',
    otherwise:
      '`CoolingDown` until then. The size is chosen so that it lasts that long ([looking ahead](../guides/forecast.md)).',
  },
  'provider-window': {
    asks: 'Does the provider allow one more modification in its rolling window?',
    otherwise: '`CoolingDown` until it does.',
  },
  'foreign-writer': {
    asks: 'Has nobody lowered the request that Larder raised, a short while ago?',
    otherwise:
      '`Blocked` for a while: write the grown size into the manifest, or let the tool that lowers it ignore the size.',
  },
  window: { asks: 'Is the change window open?', otherwise: '`Blocked` until it opens; the message has the time.' },
  snapshot: {
    asks: 'Is there a recent VolumeSnapshot, where `snapshot-above` asks for one?',
    otherwise: '`Blocked`: take a snapshot, or change `snapshot-above`.',
  },
  backup: {
    asks: 'Does no backup or snapshot read the claim just now?',
    otherwise: '`Blocked` until it ends, for `backupPatience` at most.',
  },
  circuit: {
    asks: 'Do the growths of its driver succeed?',
    otherwise: '`Blocked`: after several failures in a row the driver is left alone, and probed with one claim.',
  },
  'dry-run': {
    asks: 'May Larder write?',
    otherwise: '`WouldExpand`: `dryRun` is on, and only the announcement is made.',
  },
};

export const verdictMeanings: Readonly<Record<Verdict['kind'], string>> = {
  Expand: 'The request is raised to the target now.',
  WouldExpand: 'The same, if `dryRun` were off.',
  InProgress: 'A resize is under way.',
  Hold: 'It has room.',
  CoolingDown: 'It needs to grow, and may when the cooldown is over.',
  Stuck: 'A resize failed, or has not moved on for too long.',
  Ineffective: 'The last growth brought no room, so it is not repeated.',
  AtMax: 'It needs to grow, and has its largest allowed size.',
  Blocked: 'It needs to grow, and the gate that is named says no; or a gate before the measurement does.',
  Invalid: 'A setting cannot be read, so nothing is done.',
  NoSample: 'There is no measurement that can be trusted, so nothing is done.',
  Unmanaged: 'Nobody asked for growth.',
};
