import type { ReactNode } from 'react';
import type { AlertsAnswer, CertificatesAnswer, NodesAnswer } from '../../src/cluster/sight/answer.ts';
import { needOf } from '../../src/operator/access/need.ts';
import type { ClusterRecordsAnswer } from '../../src/operator/console/cluster-routes.ts';
import { AlertSection, DriftSection, MachinerySection, NodeSection, UpkeepSection } from '../cluster/sections.tsx';
import { standingOf } from '../cluster/standing.ts';
import { StandingFigures } from '../cluster/standing-figures.tsx';
import { useCluster } from '../cluster/use-cluster.ts';
import { useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { useNow } from '../live/use-live.ts';

const SOON_MS = 10_000;
const LATER_MS = 30_000;
const RARELY_MS = 5 * 60_000;

/** The cluster itself: its nodes and what is checked of them, what fires, what drifted, what is due. */
export function Cluster(): ReactNode {
  useTitle('Cluster');
  const now = useNow(LATER_MS);
  const [text, setText] = useParameter('q');
  const seeNodes = needOf('see nodes');
  const nodes = useCluster<NodesAnswer>({ path: 'nodes', need: seeNodes, everyMs: SOON_MS });
  const seen = useCluster<CertificatesAnswer>({ path: 'certificates', need: seeNodes, everyMs: RARELY_MS });
  const records = useCluster<ClusterRecordsAnswer>({ path: 'records', need: needOf('see ledger'), everyMs: LATER_MS });
  const alerts = useCluster<AlertsAnswer>({ path: 'alerts', need: needOf('see alerts'), everyMs: LATER_MS });
  const sought = text.trim().toLowerCase();
  const fits = (line: string): boolean => line.toLowerCase().includes(sought);
  const known = records.data?.kind === 'known' ? records.data.value : undefined;
  const program = nodes.data?.isEmbedded ? 'larder up' : 'larder operator';
  const facts = { nodes: nodes.data, certificates: seen.data, records: known, alerts: alerts.data };
  return (
    <>
      <div className="toolbar">
        <h1>Cluster {nodes.data && <span className="quiet">{nodes.data.cluster}</span>}</h1>
        <input
          data-filter=""
          type="search"
          aria-label="Filter nodes, alerts and findings"
          placeholder="a node, an alert or a kind of drift"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <StandingFigures figures={standingOf(facts, now)} />
      <NodeSection nodes={nodes} facts={facts} now={now} fits={sought === '' ? undefined : fits} show={setText} />
      <div className="columns">
        <div>
          <AlertSection alerts={alerts} program={program} routes={known?.routes ?? []} fits={fits} />
          <DriftSection records={records} program={program} wanted={nodes.data?.wanted} fits={fits} />
        </div>
        <div>
          <UpkeepSection records={known} wanted={nodes.data?.wanted} now={now} />
          <MachinerySection nodes={nodes} seen={seen} />
        </div>
      </div>
    </>
  );
}
