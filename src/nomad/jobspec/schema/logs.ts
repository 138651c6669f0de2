import { flag, integer, type Schema } from './spec.ts';

export const logs = {
  max_files: integer('MaxFiles'),
  max_file_size: integer('MaxFileSizeMB'),
  enabled: flag('Enabled'),
  disabled: flag('Disabled', false),
} as const satisfies Schema;
