import { diff, type Goal, type Phase } from './diff.ts';
import { judge } from './rollout.ts';
import { SupervisedProcess, type Surroundings } from './supervised-process.ts';
import type { Desired, ProcessTemplate } from './template.ts';

export interface SupervisorOptions extends Surroundings {
  /** How long a new version may take to become ready before the old one is kept. */
  readonly rolloutDeadlineMs: number;
  /** Called after everything that changes the status. */
  readonly onChange: () => void;
}

export interface ProcessStatus {
  readonly name: string;
  readonly deployment: string;
  readonly phase: Phase;
  readonly pid: number | undefined;
  readonly adminPort: number | undefined;
  readonly restarts: number;
  /** Whether it runs the version that was asked for last. */
  readonly current: boolean;
}

export interface DeploymentStatus {
  readonly name: string;
  readonly replicas: number;
  /** Processes of the version asked for that are ready. */
  readonly ready: number;
  /** Why the version asked for was given up and the one before kept. */
  readonly refused: string | undefined;
}

interface Roll {
  desired: Desired;
  /** The time that the version asked for has to become ready is over. */
  overdue: boolean;
  cancelDeadline: () => void;
  /** The last version that was ready in full. */
  good: ProcessTemplate | undefined;
  refused: string | undefined;
}

/** Keeps what runs as the rendered Deployments say. Decisions are in `diff`, `judge` and `backoff`. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #rolls = new Map<string, Roll>();
  readonly #processes = new Set<SupervisedProcess>();
  #nextId = 1;
  #reconciling = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Makes these Deployments what should run. A version that was given up before is tried again. */
  apply(all: readonly Desired[]): void {
    const names = new Set(all.map(({ template }) => template.deployment));
    for (const [name, roll] of this.#rolls) {
      roll.cancelDeadline();
      if (!names.has(name)) this.#rolls.delete(name);
    }
    for (const desired of all) {
      const name = desired.template.deployment;
      this.#rolls.set(name, this.#startRoll(desired, this.#rolls.get(name)?.good));
    }
    this.#reconcile();
  }

  /** Stops everything, each process within its grace. */
  async stop(): Promise<void> {
    const leaving = [...this.#processes];
    this.apply([]);
    await Promise.all(leaving.map(({ gone }) => gone));
  }

  status(): { deployments: DeploymentStatus[]; processes: ProcessStatus[] } {
    const processes = [...this.#processes].map((process) => ({
      name: process.name,
      deployment: process.deployment,
      phase: process.phase,
      pid: process.pid,
      adminPort: process.adminPort,
      restarts: process.restarts,
      current: process.hash === this.#rolls.get(process.deployment)?.desired.template.hash,
    }));
    const deployments = [...this.#rolls].map(([name, { desired, refused }]) => ({
      name,
      replicas: desired.replicas,
      ready: processes.filter(({ deployment, current, phase }) => deployment === name && current && phase === 'ready')
        .length,
      refused,
    }));
    return { deployments, processes };
  }

  #startRoll(desired: Desired, good: ProcessTemplate | undefined): Roll {
    const { clock, rolloutDeadlineMs } = this.#options;
    const cancelDeadline = clock.after(rolloutDeadlineMs, () => {
      roll.overdue = true;
      this.#reconcile();
    });
    const roll: Roll = { desired, overdue: false, cancelDeadline, good, refused: undefined };
    return roll;
  }

  #reconcile(): void {
    // Starting and stopping change phases, which calls back here: one round at a time is enough.
    if (this.#reconciling) return;
    this.#reconciling = true;
    try {
      const goals = [...this.#rolls.values()].map((roll) => this.#goal(roll));
      for (const action of diff(goals, [...this.#processes])) {
        if (action.kind === 'start') this.#start(action.deployment, action.hash);
        else this.#stopProcess(action.id);
      }
    } finally {
      this.#reconciling = false;
    }
    this.#options.onChange();
  }

  /** Judges the version asked for; what should run is that one, or the last good one when it was given up. */
  #goal(roll: Roll): Goal {
    const { template, replicas } = roll.desired;
    if (!roll.refused) this.#judge(roll);
    const { hash } = roll.refused !== undefined && roll.good ? roll.good : template;
    return { deployment: template.deployment, hash, replicas };
  }

  #judge(roll: Roll): void {
    const { template, replicas } = roll.desired;
    const verdict = judge({
      replicas,
      overdue: roll.overdue,
      deadlineMs: this.#options.rolloutDeadlineMs,
      processes: [...this.#processes].filter(
        ({ deployment, hash }) => deployment === template.deployment && hash === template.hash,
      ),
    });
    const isNew = roll.good?.hash !== template.hash;
    if (verdict.state === 'done') {
      roll.cancelDeadline();
      if (isNew && roll.good) this.#options.note(`${template.deployment}: the new version is ready`);
      roll.good = template;
    } else if (verdict.state === 'failed' && isNew && roll.good) {
      roll.refused = verdict.reason;
      this.#options.note(`${template.deployment}: keeping the version before, ${verdict.reason}`);
    }
  }

  #start(deployment: string, hash: string): void {
    const roll = this.#rolls.get(deployment);
    const template = [roll?.desired.template, roll?.good].find((candidate) => candidate?.hash === hash);
    if (!template) throw new Error(`${deployment} has no version ${hash}`);
    const identity = { id: this.#nextId++, name: this.#freeName(deployment), template };
    const started = new SupervisedProcess(identity, this.#options, () => this.#reconcile());
    this.#processes.add(started);
    void started.gone.then(() => {
      this.#processes.delete(started);
      this.#reconcile();
    });
  }

  #stopProcess(id: number): void {
    for (const candidate of this.#processes) if (candidate.id === id) candidate.stop();
  }

  /** Names are numbered and reused, so that a platform that rolls often does not leave a log file for each roll. */
  #freeName(deployment: string): string {
    const taken = new Set([...this.#processes].map(({ name }) => name));
    let number = 1;
    while (taken.has(`${deployment}-${number}`)) number += 1;
    return `${deployment}-${number}`;
  }
}
