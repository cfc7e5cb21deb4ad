// A real OpenID provider for tests: oidc-provider, with a login page that believes whatever it is told.
// Its environment says where it listens (PORT), as whom it speaks (ISSUER), and what the platform's client knows (SECRET).
// Its keys are kept beside it, so that they are the same when it is started again.

import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { PORT, ISSUER, SECRET } = process.env;
const KEYS = "keys.json";
const AUDIENCE = "https://api.yeyak.test";
const REDIRECT = "https://app.yeyak.test/callback";
const ALGORITHMS = {
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: () => generateKeyPairSync("ed25519"),
};
const SECONDS = 3600;

/** Everybody who has logged in, by name. */
const accounts = new Map();

function freshKeys(generation) {
  const keys = Object.entries(ALGORITHMS).map(([alg, generate]) => {
    const key = generate().privateKey.export({ format: "jwk" });
    return { ...key, alg, use: "sig", kid: `${alg}-${generation}` };
  });
  writeFileSync(KEYS, JSON.stringify({ generation, keys }));
  return keys;
}

/** A browser's client for each algorithm, and the platform's own, whose tokens are for calls between services. */
const clients = [
  ...Object.keys(ALGORITHMS).map((alg) => ({
    client_id: `app-${alg}`,
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    redirect_uris: [REDIRECT],
  })),
  {
    client_id: "platform",
    client_secret: SECRET,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
  },
];

function provider(keys) {
  const made = new Provider(ISSUER, {
    clients,
    jwks: { keys },
    cookies: { keys: ["no secret of a test"] },
    findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        defaultResource: (context, client, requested) => requested ?? AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (context, resource, client) => ({
          scope: "",
          audience: resource,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: client.clientId.split("-")[1] ?? "RS256" } },
        }),
      },
    },
    extraTokenClaims: (context, token) =>
      token.accountId ? accounts.get(token.accountId).claims : { roles: ["service"] },
    ttl: {
      AccessToken: (context, token) => accounts.get(token.accountId).seconds,
      ClientCredentials: SECONDS,
      Grant: SECONDS,
      IdToken: SECONDS,
      Interaction: SECONDS,
      Session: SECONDS,
    },
    interactions: { url: (context, interaction) => `/login/${interaction.uid}` },
    // Nobody is asked for consent: the app is the platform's own.
    loadExistingGrant: async (context) => {
      const { client, session, provider } = context.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  });
  return { made, serve: made.callback() };
}

let { generation, keys } = existsSync(KEYS) ? JSON.parse(readFileSync(KEYS)) : { generation: 1, keys: freshKeys(1) };
let current = provider(keys);

/** Logs in whom the hint names, with the roles that it claims. */
async function login(request, response) {
  const { params } = await current.made.interactionDetails(request, response);
  const { subject, seconds, ...claims } = JSON.parse(params.login_hint);
  accounts.set(subject, { claims, seconds: seconds ?? SECONDS });
  await current.made.interactionFinished(request, response, { login: { accountId: subject } });
}

const server = createServer(async (request, response) => {
  try {
    if (request.url.startsWith("/login/")) return await login(request, response);
    if (request.url === "/rotate") {
      generation += 1;
      current = provider(freshKeys(generation));
      return response.end();
    }
    return current.serve(request, response);
  } catch (fault) {
    console.error(fault);
    response.writeHead(500).end(String(fault));
  }
});
server.listen(Number(PORT), "127.0.0.1");
