import { constants, performance, PerformanceObserver, type NodeGCPerformanceDetail } from 'node:perf_hooks';

/** How long a thread was not free, ms. */
export interface Busy {
  /** By the clock: what a user feels, and what else ran on the machine. */
  readonly longest: number;
  /** 99 of 100 stretches were shorter. */
  readonly p99: number;
  /** CPU time of this thread in its busiest stretch: what we are to blame for. Absent before Node 24. */
  readonly longestCpu?: number;
  /** Stretches above 50 ms, of CPU time where that is known. */
  readonly above50: number;
  /** The longest pause of the garbage collector, of each kind, ms. It is part of the stretches. */
  readonly collector: ReadonlyMap<string, number>;
  /** The worst ones: from and to on the clock of {@link process.hrtime}, μs, as CPU profiles have it. */
  readonly worst: readonly (readonly [from: number, to: number])[];
}

interface ThreadClock {
  threadCpuUsage?(): { readonly user: number; readonly system: number };
}

/** CPU time of this thread, ms; what others do on the machine is not in it. NaN before Node 24. */
export function threadCpu(): number {
  const used = (process as ThreadClock).threadCpuUsage?.();
  return used === undefined ? Number.NaN : (used.user + used.system) / 1000;
}

const kinds = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'young'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'whole'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'a step'],
]);

/** Watches the event loop of this thread until it is called again. */
export function watchBusy(): () => Busy {
  const stretches: number[] = [];
  const cpus: number[] = [];
  const worst: (readonly [number, number])[] = [];
  const collector = new Map<string, number>();
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const { duration, detail } = entry as unknown as { duration: number; detail: unknown };
      const kind = kinds.get((detail as NodeGCPerformanceDetail).kind ?? 0) ?? 'other';
      collector.set(kind, Math.max(duration, collector.get(kind) ?? 0));
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  let [last, lastCpu] = [performance.now(), threadCpu()];
  const timer = setInterval(() => {
    const [now, cpu] = [performance.now(), threadCpu()];
    stretches.push(now - last);
    cpus.push(cpu - lastCpu);
    if (now - last > 40) {
      const to = Number(process.hrtime.bigint() / 1000n);
      worst.push([to - (now - last) * 1000, to]);
    }
    [last, lastCpu] = [now, cpu];
  }, 1);
  return () => {
    clearInterval(timer);
    observer.disconnect();
    const isKnown = !Number.isNaN(lastCpu);
    const judged = isKnown ? cpus : stretches;
    stretches.sort((a, b) => a - b);
    return {
      longest: Math.max(0, ...stretches.slice(-1)),
      p99: stretches[Math.floor(stretches.length * 0.99)] ?? 0,
      ...(isKnown && { longestCpu: cpus.reduce((a, b) => Math.max(a, b), 0) }),
      above50: judged.filter(ms => ms > 50).length,
      collector,
      worst,
    };
  };
}
