import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { globalSetup: './container.mjs', testTimeout: 60_000 } });
