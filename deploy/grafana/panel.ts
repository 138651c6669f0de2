/** What a dashboard of Larder is made of: the few shapes of Grafana's that its panels need, laid out from left to right. */

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;
/** Grafana's grid. */
const COLUMNS = 24;
/** Of the dashboard model that Grafana 10 and later read, and migrate by themselves. */
const SCHEMA_VERSION = 39;

interface Query {
  readonly expr: string;
  /** Of Grafana's template language. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly type: 'stat' | 'timeseries' | 'bargauge';
  /** What it means, and what to do when it looks wrong. */
  readonly description: string;
  readonly width: 4 | 8 | 12 | 24;
  readonly height: number;
  /** An identifier of Grafana's. */
  readonly unit: 'bytes' | 'none' | 'percentunit' | 'reqps' | 's';
  readonly queries: readonly Query[];
  /** Words for values. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
}

export interface Dashboard {
  /** Of its address, and of its file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** A series whose label `namespace` fills the variable of that name; absent: the panels are of everything. */
  readonly namespacesOf?: string;
  readonly panels: readonly Panel[];
}

/** Half a row: lines over time. */
export const chart = (title: string, unit: Panel['unit'], description: string, queries: Panel['queries']): Panel => ({
  title,
  type: 'timeseries',
  description,
  width: 12,
  height: 8,
  unit,
  queries,
});

/** Two quantiles of a histogram, by labels besides `le`. */
export const quantiles = (metric: string, labels: readonly string[] = []): Panel['queries'] =>
  ['0.5', '0.99'].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${['le', ...labels].join(', ')}) (rate(${metric}_bucket[15m])))`,
    legend: [...labels.map((label) => `{{${label}}}`), quantile === '0.5' ? 'median' : '99 %'].join(' '),
  }));

/** The JSON that Grafana imports. @throws RangeError where panels of one row have not one height, or do not fill it. */
export function grafanaModel({ uid, title, description, namespacesOf, panels }: Dashboard): object {
  return {
    uid,
    title,
    description,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    timezone: '',
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    tags: ['larder', 'storage'],
    links: [{ type: 'dashboards', title: 'Larder', tags: ['larder'], asDropdown: true, includeVars: true }],
    annotations: { list: [] },
    templating: { list: [datasource(), ...(namespacesOf === undefined ? [] : [namespaces(namespacesOf)])] },
    panels: placed(panels).map(({ panel, x, y }, index) => model(panel, { id: index + 1, x, y })),
  };
}

interface Place {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

function model({ title, type, description, width, height, unit, queries, words }: Panel, { id, x, y }: Place): object {
  const mappings = words === undefined ? [] : [{ type: 'value', options: words }];
  const instant = type !== 'timeseries';
  return {
    id,
    title,
    type,
    description,
    datasource: DATASOURCE,
    gridPos: { h: height, w: width, x, y },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(instant ? { instant: true, range: false } : {}),
    })),
    // One value for each series, not their average over time.
    options: instant ? { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } } : {},
    fieldConfig: {
      defaults: { unit, mappings, ...(unit === 'percentunit' ? { min: 0, max: 1 } : {}) },
      overrides: [],
    },
  };
}

function placed(
  panels: readonly Panel[],
): readonly { readonly panel: Panel; readonly x: number; readonly y: number }[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel) => {
    if (x === 0) height = panel.height;
    if (panel.height !== height || x + panel.width > COLUMNS) throw new RangeError(`${panel.title} breaks its row`);
    const at = { panel, x, y };
    x += panel.width;
    if (x === COLUMNS) [x, y] = [0, y + height];
    return at;
  });
}

function datasource(): object {
  return { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source', hide: 0, refresh: 1 };
}

function namespaces(metric: string): object {
  const query = `label_values(${metric}, namespace)`;
  return {
    name: 'namespace',
    type: 'query',
    label: 'Namespace',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: 'namespace' },
    includeAll: true,
    allValue: '.*',
    multi: true,
    current: { text: 'All', value: '$__all' },
    refresh: 2,
    sort: 1,
    hide: 0,
  };
}
