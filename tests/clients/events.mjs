// Drives the endpoint in argv[2] with the npm client graphql-sse (distinct connections) and prints what it saw.
import { createClient } from "graphql-sse";

const [, , url, authorization] = process.argv;
const seen = { events: [], query: null, mutation: null, refused: null, viewer: null };
const client = createClient({ url, retryAttempts: 0, headers: authorization ? { authorization } : {} });

const one = async (query, variables) => {
  for await (const result of client.iterate({ query, variables })) return result;
};

for await (const { data } of client.iterate({ query: "subscription { ticks(to: 5) }" })) seen.events.push(data.ticks);
seen.query = await one("query ($text: String!) { echo(text: $text) }", { text: "hai" });
seen.mutation = await one('mutation { step(input: { code: "x" }) { flow { state } errors { code } } }');
seen.viewer = await one("{ viewer }");
seen.refused = (await one("{ nothingOfTheKind }")).errors.map((error) => error.extensions.code);
for await (const { data } of client.iterate({ query: "subscription { waits }" })) {
  seen.events.push(data.waits);
  break;
}
client.dispose();
console.log(JSON.stringify(seen));
