/** The page of StorageClass parameters, from the table that parses them. */
import { parameters } from '../../../src/provision/class.ts';
import { code, markdownTable, page } from './markdown.ts';

const meanings: Readonly<Record<string, string>> = {
  pathPattern: 'Name of the directory, below the export. Variables are below this table.',
  onMissing:
    'A variable has no value on the claim: `fail` leaves the claim Pending and says which, `empty` leaves the variable out.',
  onDelete:
    'With `reclaimPolicy: Delete`, when the claim is gone: `delete` moves the directory to the trash, `retain` leaves it in its place.',
  archiveOnDelete:
    'The same when `onDelete` says nothing: true renames the directory to `archived-…`, false moves it to the trash.',
  onConflict:
    'Another claim has the directory already: `share-namespace` lets claims of one namespace share it, `share` claims of all namespaces, `fail` none.',
  dirMode: 'Mode of a new directory, whatever the umask.',
  dirUid: 'Owner of a new directory. Not as root: always your own.',
  dirGid: 'Group of a new directory. Not as root: always your own.',
  allowOverrides:
    'What a claim may choose itself, with the annotations `larder.dev/mode`, `larder.dev/uid`, `larder.dev/gid`.',
  existingMode:
    'Mode and owner of a directory that exists: `auto` corrects it when root owns it, `correct` always, `keep` never, `fail` refuses the claim when they differ.',
  adopt:
    'Whether a claim may take a directory that exists and holds data: `any` every one, `listed` those of `adoptable` and in namespaces with the annotation `larder.dev/adopt: "true"`, `none` none.',
  adoptable: 'Directories that may be adopted; `<namespace>` stands for the namespace of the claim.',
  allowLocal: 'Whether an export may be a plain directory instead of a mount.',
  allowSlashInValues: 'Whether the value of a variable may hold a "/" and so make several directories.',
  strictNames:
    'Whether directory names are limited to letters, digits, ".", "_" and "-". Without it most of UTF-8 is accepted.',
  export: 'On which export of the operator the directories are made.',
  server: 'The same as `export`, written as in other NFS provisioners.',
  share: 'The same as `export`, written as in other NFS provisioners.',
  quota:
    'Whether the size of a claim is a limit: `enforce` makes the filesystem stop the directory there ([where that is possible](../guides/quotas.md)), and refuses claims where it cannot. `report` and `none` are the same: no limit is set, the directory is measured, and its claim is told when it fills up.',
  namespaceBudget:
    'How much all claims of one namespace may request on the export. The annotation `larder.dev/budget` of the namespace may say less.',
  minFree: 'Bytes and inodes that must be free on the export before a directory is made.',
  archiveRetention: 'How long an archived directory is kept.',
  trashRetention: 'How long a directory stays in the trash before it is removed for good.',
  deleteAdopted: 'Whether a directory that was adopted may go to the trash, too. Without it, it stays in its place.',
  cloneRate:
    'How fast claims with a claim as `dataSource` are copied, all of the class together. Where the filesystem can share blocks (reflink) nothing is written and nothing waits.',
};

/** Throws when a parameter has no meaning here, or a meaning no parameter. */
export function parametersPage(): string {
  const stale = Object.keys(meanings).filter((name) => !Object.hasOwn(parameters, name));
  if (stale.length > 0) throw new Error(`no parameter of a class: ${stale.join(', ')}`);
  const rows = Object.entries(parameters).map(([name, { accepted, default: fallback }]) => {
    const meaning = meanings[name];
    if (meaning === undefined) throw new Error(`the class parameter ${name} has no meaning in parameters.ts`);
    return [code(name), meaning, accepted, fallback === '' ? 'none' : code(fallback)];
  });
  return page(
    'StorageClass parameters',
    'What a StorageClass with `provisioner: larder.dev/directory` may say below `parameters`. All values are text, so write `"true"` and `"0777"` in quotes. Kubernetes does not let anybody edit the parameters of a class: delete it and create it again; volumes that exist are not touched by that.',
    markdownTable(['Parameter', 'Meaning', 'Accepted', 'Default'], rows),
    'Variables of `pathPattern`: `${.PVC.name}`, `${.PVC.namespace}`, `${.PVC.uid}`, `${.PV.name}`, `${.PVC.labels.KEY}`, `${.PVC.annotations.KEY}`. `${.PVC.labels.KEY:-other}` takes `other` when the claim has no such label. A directory is never made outside the export: names such as `..` are refused.',
    'Beside `parameters`: `reclaimPolicy: Retain` keeps every directory in its place, and `allowVolumeExpansion: true` is needed for growth.',
  );
}
