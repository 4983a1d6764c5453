// What each program here is told: where the server is, and what to ask it for.
import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';

const contextProvider = new ApiClientInMemoryContextProvider();
await contextProvider.addContext({
  name: 'tests',
  host: process.env.NORTHFLANK_HOST,
  token: process.env.NORTHFLANK_TOKEN,
});

export const connect = (settings) => new ApiClient(contextProvider, settings);

// { parameters: { projectId, addonId, backupId }, options: { per_page, page, cursor } }
export const request = JSON.parse(process.argv[2]);

export const print = (result) => console.log(JSON.stringify(result));
