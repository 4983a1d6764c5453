// Requests the control plane with Node's fetch, which sends `sec-fetch-mode` as a browser does; prints the statuses.

const projects = `${process.env.NORTHFLANK_HOST}/_mock/projects`;
const requests = {
  get: [projects],
  head: [projects, { method: 'HEAD' }],
  json: [projects, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }],
  text: [projects, { method: 'POST', body: '{}' }],
  cors: [projects, { mode: 'cors', credentials: 'include' }],
  localhost: [projects.replace('127.0.0.1', 'localhost')],
  foreign: [projects, { headers: { origin: 'http://evil.example' } }],
};
const statuses = {};
for (const [name, request] of Object.entries(requests)) {
  const response = await fetch(...request);
  statuses[name] = response.status;
  await response.arrayBuffer(); // a body that is not read keeps its connection, and so this process, for seconds
}
console.log(JSON.stringify(statuses));
