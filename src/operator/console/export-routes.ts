/** What the screen of the exports asks beside the stream. */
import type { FastifyInstance } from 'fastify';
import { needOf } from '../access/need.ts';
import type { ExportDetail } from './export-detail.ts';

export interface ExportReading {
  /** From memory. */
  exportDetails(): readonly ExportDetail[];
}

export function exportRoutes(app: FastifyInstance, reading: ExportReading): void {
  app.get('/api/exports', { config: { needs: [needOf('see storage')] } }, async () => reading.exportDetails());
}
