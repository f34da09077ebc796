// Drives the endpoint in argv[2] with the npm client graphql-ws and prints what it saw as one JSON object.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [, , url, authorization] = process.argv;
const seen = { events: [], query: null, mutation: null, refused: null, viewer: null };
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: authorization ? { authorization } : {},
});

const one = async (query, variables) => {
  for await (const result of client.iterate({ query, variables })) return result;
};

for await (const { data } of client.iterate({ query: "subscription { ticks(to: 5) }" })) seen.events.push(data.ticks);
seen.query = await one("query ($text: String!) { echo(text: $text) }", { text: "hai" });
seen.mutation = await one('mutation { step(input: { code: "x" }) { flow { state } errors { code } } }');
seen.viewer = await one("{ viewer }");
try {
  await one("{ nothingOfTheKind }");
} catch (errors) {
  seen.refused = errors.map((error) => error.extensions.code);
}
// Leaving a stream early tells the server `complete`, which must end the subscription there.
for await (const { data } of client.iterate({ query: "subscription { waits }" })) {
  seen.events.push(data.waits);
  break;
}
await client.dispose();
console.log(JSON.stringify(seen));
