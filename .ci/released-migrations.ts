/**
 * The first digits of SHA-256 of each migration that is released. A released migration is never edited, nor formatted: its
 * checksum is in every database. A release adds its new migrations here.
 */
export const released: Readonly<Record<string, string>> = {
  'postgres/migrations/0001-attune.sql': '041550c58fee768e',
  'postgres/migrations/0002-durability.sql': '69c3fbdb53939556',
  'postgres/migrations/0003-scheduling.sql': 'df5074420ced667e',
  'postgres/migrations/0004-control-plane.sql': 'f8e513fc6a4e151d',
  'postgres/migrations/0005-environments.sql': 'a386f5f80be34b78',
  'postgres/migrations/0006-ephemeral-workers.sql': '778823691457e2e8',
  'postgres/migrations/0007-audit.sql': 'ff38e32523c77544',
  'postgres/migrations/0008-least-privilege.sql': 'b697a67433893694',
  'sqlite/migrations/0001-attune.sql': '829082d0e6a2e533',
  'sqlite/migrations/0002-control-plane.sql': '3c3a33c3ce1f4e98',
  'sqlite/migrations/0003-environments.sql': '5d3331c9822feadf',
  'sqlite/migrations/0004-ephemeral-workers.sql': '778823691457e2e8',
  'sqlite/migrations/0005-audit.sql': 'a8a22c7be4c032b5',
  'sqlite/migrations/0006-least-privilege.sql': '8e01d2d6bb7e414e',
};
