/** Rules on the source itself: what must not stand in it, and the places where it may, each with its reason. */
import { checked, type Scanned } from './finding.ts';

export interface SourceFile {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

interface Rule {
  readonly what: string;
  readonly pattern: RegExp;
  /** Files it holds for; default: all. */
  readonly within?: RegExp;
  /** Files that may, and why. */
  readonly except: Readonly<Record<string, string>>;
}

const OWN_FOLDER = 'its own folder, not an export';
const OWN_FOLDER_OF_CLONE = 'its own folder, in the folder of git';
const OWN_FOLDER_OF_REPOSITORY = 'its own folder in the repository, which git does not see';
const FOLDER_OF_USER = 'below the home of who runs it';

export const rules: readonly Rule[] = [
  {
    what: 'a program run through a shell',
    pattern: /(?<![.\w])exec(Sync)?\(['"`$]|\bshell: (true|['"`])/,
    except: {
      'src/cluster/image/cloud-config.ts': 'the login shell of a user of the machine, in a file of cloud-init',
    },
  },
  {
    what: 'another program',
    pattern: /from 'node:child_process'/,
    except: {
      'bin/bootstrap.js': 'runs npm',
      'src/provision/export/spawn.ts': 'the process of an export',
      'src/provision/quota/command.ts': 'the tools of the quota backends, each by an argument list',
      'src/cli/nomad/terraform-format.ts': 'terraform fmt or tofu fmt, by an argument list',
      'src/cluster/change/tool.ts': 'helm, kubectl kustomize and tar, by an argument list',
      'src/cluster/drill/node-shell.ts': 'ssh to a node, by an argument list; the script by stdin',
      'src/cluster/access/run-ssh.ts': 'ssh to a node, by an argument list',
      'src/cluster/run/ansible.ts': 'ansible-playbook, by an argument list',
      'src/cluster/secrets/edit-text.ts': "the user's own editor, as $EDITOR has it, on a file of ours",
      'src/cli/cluster/base-manifests.ts': 'this program again, by an argument list',
      'src/ledger/git.ts': 'git, by an argument list, with paths taken as they stand',
      'src/ledger/ignore-question.ts': 'sh with a fixed script; plain paths come by its input',
      'src/operator/nomad/conversion-process.ts': 'this program again, which may read its own code and nothing else',
      'src/ledger/keygen-signer.ts': 'ssh-keygen -Y sign, which asks for the passphrase itself',
    },
  },
  {
    what: 'code made from text',
    pattern: /\beval\(|\bnew Function\(|from 'node:vm'|\bsetTimeout\(['"`]/,
    except: {
      'src/nomad/hcl/functions/regex.ts': 'a fixed line with a limit of time; pattern and text are passed, not pasted',
    },
  },
  {
    what: 'a whole path made or removed, through whatever links stand in it',
    pattern: /\brecursive: true\b/,
    except: {
      'src/ledger/remembered.ts':
        "the folder of its cache in the user's home, which counts only where nobody else can write",
      'bin/bootstrap.js': 'the folder of its packages',
      'src/embedded/certificates.ts': OWN_FOLDER,
      'src/embedded/cluster.ts': OWN_FOLDER,
      'src/cluster/change/journal.ts': OWN_FOLDER_OF_CLONE,
      'src/cluster/change/one-apply.ts': OWN_FOLDER_OF_CLONE,
      'src/cluster/change/tree.ts': 'a folder of its own making for the files of a commit',
      'src/cluster/drill/node-shell.ts': 'a folder of its own making for the pinned host keys',
      'src/cluster/access/issued.ts': OWN_FOLDER_OF_REPOSITORY,
      'src/cluster/run/journal.ts': OWN_FOLDER_OF_REPOSITORY,
      'src/cluster/run/kubeconfig.ts': FOLDER_OF_USER,
      'src/cluster/run/play-room.ts': 'a folder of its own making for one play',
      'src/cluster/secrets/private-folder.ts': 'a folder of its own making for a text that is edited',
      'src/cluster/secrets/secret-file.ts':
        'the folder of a file inside the repository; where it leads is looked at before anything is written',
      'src/cli/cluster/access/issue.ts': FOLDER_OF_USER,
      'src/cli/cluster/image.ts': 'the folder that its user names',
      'src/cli/cluster/secrets/init.ts': FOLDER_OF_USER,
      'src/cluster/init/read-templates.ts': 'reads the folder that Larder brings along',
      'src/cluster/init/write-repository.ts':
        'a folder of its own making, beside its place; into one that is there files go one level at a time',
      'src/ledger/key-file.ts': 'the folder of a key that its user names',
      'src/ledger/lock.ts': OWN_FOLDER_OF_CLONE,
      'src/cli/nomad/write-output.ts': 'its staging folder, which it made itself and in which no link is left',
    },
  },
  {
    what: 'a certificate that is not checked',
    pattern: /rejectUnauthorized: false|NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity: \(\)/,
    except: {
      'src/kube/kubeconfig-credentials.ts': 'what a kubeconfig says in so many words',
      'src/operator/prometheus.ts': 'only where prometheusInsecureTls is written',
    },
  },
  {
    what: 'a broken hash',
    pattern: /createHash\('(md5|sha1)'/,
    except: {
      'src/nomad/hcl/functions/encoding.ts': 'functions of jobspecs, whose value is given',
      'src/nomad/template/functions.ts': 'functions of templates, whose value is given',
    },
  },
  {
    what: 'the file system by whole paths, in the room of exports',
    pattern: /from 'node:fs(\/promises)?'/,
    within: /^src\/provision\//,
    except: {
      'src/provision/directory/descriptor.ts': 'openat and its relatives, one component at a time',
      'src/provision/directory/file.ts': 'the same for files and links of a tree that is copied',
      'src/provision/quota/limiter.ts': 'reads what /proc says of mounts',
      'src/provision/usage/shelf.ts': OWN_FOLDER,
    },
  },
];

/** An exception that is not needed is a finding too: it would cover the next one. */
export function scanSource(files: readonly SourceFile[]): Scanned {
  const findings: string[] = [];
  for (const { what, pattern, within, except } of rules) {
    const hits = files.filter(({ path, text }) => (within?.test(path) ?? true) && pattern.test(text));
    const allowed = new Set(Object.keys(except));
    for (const { path, text } of hits) {
      if (!allowed.delete(path)) findings.push(`${path}:${lineOf(text, pattern)} has ${what}`);
    }
    for (const path of allowed) findings.push(`${path} needs no exception for ${what}`);
  }
  return checked(`sources by ${rules.length} rules`, files.length, findings);
}

const lineOf = (text: string, pattern: RegExp): number => text.slice(0, text.search(pattern)).split('\n').length;
