import type { ReactNode } from 'react';
import type {
  AlertsAnswer,
  CertificatesAnswer,
  NodesAnswer,
  Part,
  WantedCluster,
} from '../../src/cluster/sight/answer.ts';
import type { ClusterRecords, RecordedRoute } from '../../src/ledger/cluster-records.ts';
import type { ClusterRecordsAnswer } from '../../src/operator/console/cluster-routes.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { AlertList } from './alert-list.tsx';
import { DriftFindings } from './drift-findings.tsx';
import { CertificateList, ReleaseList } from './machinery.tsx';
import { matrixOf } from './matrix.ts';
import { NodeMatrix } from './node-matrix.tsx';
import { releasesOf } from './release.ts';
import { rotationsOf } from './rotation.ts';
import type { ClusterFacts } from './standing.ts';
import { Drills, Rotations, Routes } from './upkeep.tsx';
import type { Asked } from './use-cluster.ts';

interface SectionProperties {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}

function Section({ id, title, children }: SectionProperties): ReactNode {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

interface StateProperties {
  readonly asked: Asked<unknown>;
  /** As the beginning of a sentence: `The nodes`. */
  readonly what: string;
  /** As `kubectl auth can-i` takes it. */
  readonly need: string;
}

/** What stands there in place of an answer; nothing where there is one. */
function StateOf({ asked: { data, error, may, mayNot, again }, what, need }: StateProperties): ReactNode {
  if (mayNot) {
    return (
      <p className="quiet">
        {what} are shown to accounts that may <code>{need}</code>.
      </p>
    );
  }
  if (error) return <FailureNote what={`${what} were not read`} cause={error} retry={again} />;
  return may && data === undefined ? <Waiting what={what.toLowerCase()} /> : null;
}

interface NodeProperties {
  readonly nodes: Asked<NodesAnswer>;
  readonly facts: ClusterFacts;
  readonly now: number;
  /** Undefined: nothing is filtered. */
  readonly fits: ((text: string) => boolean) | undefined;
  readonly show: (node: string) => void;
}

export function NodeSection({ nodes, facts, now, fits, show }: NodeProperties): ReactNode {
  const { data } = nodes;
  const rows = data ? matrixOf({ ...facts, nodes: data }, now) : [];
  const shown = fits ? rows.filter(({ name, role, state }) => fits(`${name} ${role} ${state.text}`)) : rows;
  // Somebody who looks for an alert or a kind of drift still wants to see the nodes.
  const isFiltered = shown.length > 0 && shown.length < rows.length;
  return (
    <Section id="nodes" title="Nodes">
      <StateOf asked={nodes} what="The nodes" need="list nodes" />
      {data?.isEmbedded && (
        <p className="quiet">
          This is one machine: its Kubernetes API is inside Larder, and its node stands in for a kubelet. Volumes are
          real directories; no container runs.
        </p>
      )}
      {data && <NodeMatrix rows={isFiltered ? shown : rows} showDrift={show} />}
      {data && <WantedNote wanted={data.wanted} isEmbedded={data.isEmbedded} />}
    </Section>
  );
}

function WantedNote({ wanted, isEmbedded }: Pick<NodesAnswer, 'wanted' | 'isEmbedded'>): ReactNode {
  switch (wanted.kind) {
    case 'known':
      return null;
    case 'unusable':
      return <p className="tone-danger break">cluster.yaml was not read: {wanted.why}</p>;
    case 'unset':
      if (isEmbedded) return null;
      return (
        <div className="hint">
          <p className="quiet">What each node should be stands in cluster.yaml. Name the folder that has it:</p>
          <CommandLine command="larder operator --repository ~/home-cluster" />
        </div>
      );
    default:
      return wanted satisfies never;
  }
}

interface AlertProperties {
  readonly alerts: Asked<AlertsAnswer>;
  readonly program: string;
  readonly routes: readonly RecordedRoute[];
  readonly fits: (text: string) => boolean;
}

export function AlertSection({ alerts, program, routes, fits }: AlertProperties): ReactNode {
  return (
    <Section id="alerts" title="Alerts">
      <StateOf asked={alerts} what="The alerts" need="get alerts.larder.dev" />
      {alerts.data && <AlertList alerts={alerts.data.alerts} program={program} fits={fits} />}
      <Routes routes={routes} />
    </Section>
  );
}

interface DriftProperties {
  readonly records: Asked<ClusterRecordsAnswer>;
  readonly program: string;
  readonly wanted: Part<WantedCluster> | undefined;
  readonly fits: (text: string) => boolean;
}

export function DriftSection({ records, program, wanted, fits }: DriftProperties): ReactNode {
  const { data } = records;
  return (
    <Section id="drift" title="Drift">
      <StateOf asked={records} what="The records" need="get ledgers.larder.dev" />
      {data?.kind === 'unset' && (
        <Empty title="This operator was given no ledger." command={`${program} --ledger ~/home-cluster`}>
          <p>Findings of drift, drills that are due and rotations of secrets stand in it, each with its record.</p>
        </Empty>
      )}
      {data?.kind === 'unusable' && (
        <div className="failure" role="alert">
          <p>
            <strong>The ledger cannot be read.</strong> {data.why}
          </p>
          <CommandLine command="larder ledger verify" />
        </div>
      )}
      {data?.kind === 'known' && (
        <DriftFindings
          drift={data.value.drift}
          wanted={wanted?.kind === 'known' ? wanted.value : undefined}
          fits={fits}
        />
      )}
    </Section>
  );
}

interface UpkeepProperties {
  readonly records: ClusterRecords | undefined;
  readonly wanted: Part<WantedCluster> | undefined;
  readonly now: number;
}

export function UpkeepSection({ records, wanted, now }: UpkeepProperties): ReactNode {
  if (records === undefined) return null;
  const rows = rotationsOf(records.rotations, wanted?.kind === 'known' ? wanted.value : undefined, now);
  return (
    <>
      <Section id="drills" title="Drills">
        <Drills drills={records.drills} quarter={records.quarter} />
      </Section>
      <Section id="rotations" title="Secrets to rotate">
        <Rotations rows={rows} />
      </Section>
    </>
  );
}

interface MachineryProperties {
  readonly nodes: Asked<NodesAnswer>;
  readonly seen: Asked<CertificatesAnswer>;
}

export function MachinerySection({ nodes, seen }: MachineryProperties): ReactNode {
  if (!nodes.may) return null;
  return (
    <>
      <Section id="releases" title="Releases">
        {nodes.data ? <ReleaseList releases={releasesOf(nodes.data)} /> : <Waiting what="the nodes" />}
      </Section>
      <Section id="certificates" title="Certificates">
        <StateOf asked={seen} what="The certificates" need="list nodes" />
        {seen.data && <CertificateList answer={seen.data} />}
      </Section>
    </>
  );
}
