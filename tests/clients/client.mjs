// The client and the request of each program in this folder, from the environment and the command line.
const { ApiClient, ApiClientInMemoryContextProvider } = await import(process.env.JS_CLIENT ?? '@northflank/js-client');

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
