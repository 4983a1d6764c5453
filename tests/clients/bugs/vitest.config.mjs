import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { globalSetup: '../javascript/server.mjs' } });
