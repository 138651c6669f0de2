/** The files of the operators' repository that are made from cluster.yaml, and again whenever it changes. */
import { yamlText } from '../../kube/yaml-text.ts';
import type { RepositoryFile } from '../init/repository-file.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { alertRules } from './alert-rules.ts';
import { alertmanagerConfig } from './alertmanager-config.ts';
import { scrapeConfigs } from './scrape-configs.ts';
import { hostsFile, zone } from './zone.ts';

/** In the first line of each: what has another first line is somebody's own, and is not replaced. */
const MADE = 'Made from cluster.yaml by `larder cluster render`';
const FOLDER = 'cluster/base/monitoring/generated';

export function generated(spec: ClusterSpec): readonly RepositoryFile[] {
  const groups = alertRules(spec);
  const scrape = scrapeConfigs(spec);
  const alertmanager = alertmanagerConfig(spec);
  const values = {
    additionalPrometheusRulesMap: { larder: { groups } },
    prometheus: { prometheusSpec: { additionalScrapeConfigs: scrape } },
    alertmanager: { config: alertmanager },
  };
  return [
    yamlFile(`${FOLDER}/rules.yaml`, 'rules for Prometheus', { groups }),
    yamlFile(`${FOLDER}/scrape.yaml`, 'what Prometheus asks of the machines', { scrape_configs: scrape }),
    yamlFile(`${FOLDER}/alertmanager.yaml`, 'who is told', alertmanager),
    yamlFile(`${FOLDER}/values.yaml`, 'all of it as values of the chart kube-prometheus-stack', values),
    textFile('automation/dns/hosts', '#', 'lines for /etc/hosts', hostsFile(spec)),
    textFile(`automation/dns/${spec.name}.zone`, ';', 'records to $INCLUDE in a zone', zone(spec)),
  ];
}

/** Somebody's own file is not one of these, whatever it is called. */
export function isGenerated(text: string): boolean {
  return text.split('\n', 1)[0]?.includes(MADE) === true;
}

function yamlFile(path: string, what: string, value: object): RepositoryFile {
  return textFile(path, '#', what, `---\n${yamlText(value, { singleQuote: true })}`);
}

function textFile(path: string, comment: string, what: string, text: string): RepositoryFile {
  return { path, text: `${comment} ${MADE}: ${what}. Change cluster.yaml instead.\n${text}`, executable: false };
}
