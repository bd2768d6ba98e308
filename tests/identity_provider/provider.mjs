// A real OpenID Connect provider for tests. It says its address on standard output and ends with its standard input.
//
// Its own forms let anybody sign in as any account of CLIENT.accounts. POST /control changes what it says from then on, as
// a hostile or mistaken provider would: claims of the token it signs, with which key it signs, its description, its keys.
import { createServer } from 'node:http';
import { createHmac } from 'node:crypto';
import Provider from 'oidc-provider';
import { SignJWT, base64url, decodeJwt, exportJWK, generateKeyPair } from 'jose';

const settings = JSON.parse(process.argv[2]);
const host = 'localhost';
let altered = {};
let made = 0;

async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  made += 1;
  return { ...(await exportJWK(privateKey)), kid: `key-${made}`, use: 'sig', alg: 'RS256' };
}

const publicHalf = ({ kty, n, e, kid, use, alg }) => ({ kty, n, e, kid, use, alg });

async function signedAgain(token) {
  const claims = { ...decodeJwt(token), ...(altered.claims ?? {}) };
  for (const name of altered.without ?? []) delete claims[name];
  const part = (value) => base64url.encode(JSON.stringify(value));
  if (altered.signs === 'nobody') return `${part({ alg: 'none' })}.${part(claims)}.`;
  if (altered.signs === 'a shared secret') {
    // What a reader who takes the public key for a shared secret would find right.
    const content = `${part({ alg: 'HS256', kid: key.kid })}.${part(claims)}`;
    return `${content}.${createHmac('sha256', JSON.stringify(publicHalf(key))).update(content).digest('base64url')}`;
  }
  if (altered.signs === 'the client secret') {
    const content = `${part({ alg: 'HS256' })}.${part(claims)}`;
    return `${content}.${createHmac('sha256', settings.client_secret).update(content).digest('base64url')}`;
  }
  const by = altered.signs === 'a withdrawn key' ? withdrawn : altered.signs === 'a stranger' ? { ...stranger, kid: key.kid } : key;
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: by.kid }).sign(by);
}

let key = await newKey();
let withdrawn = key;
const stranger = await newKey();

function provider() {
  const here = new Provider(`http://${host}:${server.address().port}`, {
    clients: [
      { client_id: settings.client_id, client_secret: settings.client_secret, redirect_uris: [settings.redirect_uri] },
      { client_id: 'another', client_secret: settings.client_secret, redirect_uris: [settings.redirect_uri] },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['only for tests'] },
    claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: settings.claims_in_userinfo ?? false,
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    async findAccount(ctx, id) {
      return { accountId: id, claims: async () => ({ sub: id, ...settings.accounts[id] }) };
    },
  });
  here.use(async (ctx, next) => {
    await next();
    if (ctx.body?.id_token && Object.keys(altered).length) ctx.body = { ...ctx.body, id_token: await signedAgain(ctx.body.id_token) };
    if (ctx.path === '/me' && altered.userinfo) ctx.body = altered.userinfo;
    if (ctx.path.startsWith('/.well-known') && altered.description) ctx.body = { ...ctx.body, ...altered.description };
  });
  return here.callback();
}

async function control(request, response) {
  let text = '';
  for await (const piece of request) text += piece;
  const { rotate, ...wanted } = JSON.parse(text);
  if (rotate) {
    withdrawn = key;
    key = await newKey();
    answer = provider();
  }
  altered = wanted;
  response.end('{}');
}

let answer;
const server = createServer((request, response) => (request.url === '/control' ? control(request, response) : answer(request, response)));
server.listen(settings.port ?? 0, host, () => {
  answer = provider();
  console.log(`http://${host}:${server.address().port}`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
