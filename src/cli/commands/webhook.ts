import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { apiUrlOption, configOption, formatOption, portOption } from '#cli/options.ts';
import { option } from '#cli/parameter.ts';
import { type Call, defineVerb } from '#cli/verb.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { runWebhook } from '#cli/wiring/run-webhook.ts';
import { testWebhook } from '#cli/wiring/test-webhook.ts';
import { ACCOUNT, givenOf, injectionSettingsOf } from '#cli/wiring/webhook-settings.ts';

export const verb = defineVerb({
  details:
    'A mutating admission webhook of Kubernetes: a Pod with the annotation or label attune.io/inject: "true" becomes a worker when it is made. It gets the agent, a volume to work in and the token, and its first container, or the one that attune.io/container names, is started as a worker; with attune.io/sidecar: "true" a native sidecar of the same image is. The other annotations are attune.io/agent (init or image), attune.io/secret, attune.io/api-url, attune.io/labels and attune.io/runtimes. It listens with a certificate from files, which it reads again when they change, or with one that it makes, keeps in a Secret and exchanges in time. At SIGTERM it is not ready any more, answers for 5 s more, and ends.',
  arguments: {},
  options: {
    test: option(
      '--test <file>',
      'Prints what becomes of the Pods in this file, and of those that a Deployment, Job or the like in it makes; - reads stdin',
      { conflicts: ['tlsCert', 'tlsKey', 'tlsSecret', 'configuration', 'service', 'port'] },
    ),
    format: formatOption('json', 'yaml'),
    image: option('--image <image>', 'Image of the agent', {
      variable: 'ATTUNE_WEBHOOK_IMAGE',
      fallback: 'attune-agent:scratch',
    }),
    pullPolicy: option('--pull-policy <policy>', 'When that image is pulled: Always, IfNotPresent or Never', {
      variable: 'ATTUNE_WEBHOOK_PULL_POLICY',
      fallback: 'IfNotPresent',
    }),
    pullSecrets: option('--pull-secrets <names>', 'Secrets in the namespaces of the Pods by which it may be pulled', {
      variable: 'ATTUNE_WEBHOOK_PULL_SECRETS',
      fallback: 'those of each Pod',
    }),
    agent: option(
      '--agent <way>',
      'How the agent gets into a Pod: init (an init container copies it) or image (mounted)',
      {
        variable: 'ATTUNE_WEBHOOK_AGENT',
        fallback: 'init',
      },
    ),
    path: option('--path <directory>', 'Directory of the agent in the containers', {
      variable: 'ATTUNE_WEBHOOK_PATH',
      fallback: '/opt/attune/agent',
    }),
    apiUrl: apiUrlOption('Address of the server that the workers use', 'that of each Pod'),
    secret: option('--secret <name>', 'Secret with the key api-token, in the namespaces of the Pods', {
      variable: 'ATTUNE_WEBHOOK_SECRET',
      fallback: 'that of each Pod',
    }),
    user: option('--user <uid>', 'User of the init container where the Pod names none; any leaves it to the cluster', {
      variable: 'ATTUNE_WEBHOOK_USER',
      fallback: '65534',
    }),
    kubernetes: option('--kubernetes <version>', 'Version of the cluster, such as v1.33.1', {
      variable: 'ATTUNE_WEBHOOK_KUBERNETES',
      fallback: 'one that can do what is asked for',
    }),
    namespace: option('--namespace <name>', 'Namespace of the webhook, in which it changes nothing', {
      variable: 'ATTUNE_WEBHOOK_NAMESPACE',
      fallback: 'that of the service account',
    }),
    tlsCert: option('--tls-cert <file>', 'Certificate to listen with, in PEM', { variable: 'ATTUNE_WEBHOOK_TLS_CERT' }),
    tlsKey: option('--tls-key <file>', 'Its private key, in PEM', { variable: 'ATTUNE_WEBHOOK_TLS_KEY' }),
    tlsSecret: option('--tls-secret <name>', 'Secret that keeps a certificate made by the webhook; it must exist', {
      variable: 'ATTUNE_WEBHOOK_TLS_SECRET',
    }),
    configuration: option('--configuration <name>', 'MutatingWebhookConfiguration that is told to trust it', {
      variable: 'ATTUNE_WEBHOOK_CONFIGURATION',
    }),
    service: option('--service <name>', 'Service of the webhook, whose name the certificate is made for', {
      variable: 'ATTUNE_WEBHOOK_SERVICE',
    }),
    serviceAccount: option('--service-account <directory>', 'Directory with token, ca.crt and namespace', {
      variable: 'ATTUNE_WEBHOOK_SERVICE_ACCOUNT',
      fallback: ACCOUNT,
    }),
    port: portOption('Port on which it listens; 0 takes any free one'),
    config: configOption(),
  },
  settings: ['server.host', 'server.port', 'api_url', 'log'],
  examples: [
    [
      'attune-agent webhook --test pod.yaml --api-url http://attune:8080 --secret attune-worker -o yaml',
      'Prints the Pod, or what makes it, as it would become, without a server',
    ],
    [
      'attune-agent webhook --port 8443 --tls-cert tls.crt --tls-key tls.key',
      'Answers the API server of Kubernetes at https://127.0.0.1:8443/mutate',
    ],
  ],
  exitCodes: {
    [EXIT.failure]: 'with --test: a Pod does not become a worker although it asks for it, or there is none',
  },
  action: async (_, options, call) => await perform(options, call),
});

async function perform(
  options: Readonly<Record<string, string | undefined>> & { readonly format: 'json' | 'yaml' },
  { env, sources }: Call,
): Promise<number> {
  const config = await readConfig(sources);
  if (!config) return EXIT.configuration;
  const given = givenOf(options, env);
  const settings = injectionSettingsOf(given, config.api_url);
  if (!settings.ok) {
    await complain(...settings.error);
    return EXIT.usage;
  }
  return options['test'] === undefined
    ? await runWebhook({ given, settings: settings.value, config, env })
    : await testWebhook(options['test'], { settings: settings.value, format: options.format });
}
