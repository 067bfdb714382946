import { test } from 'bun:test';
import { createLocalBroker } from '#adapters/broker/local/broker.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { brokerContract } from './broker-contract.ts';

brokerContract(
  (title, body) => test(`in this process: ${title}`, body),
  async () => createLocalBroker(systemClock),
);
