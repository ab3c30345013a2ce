// What the page uses of its vendored libraries, for tsc --checkJs.

declare module "preact" {
  export interface VNode {
    key: unknown;
  }
  export type Child = VNode | string | number | boolean | null | undefined | Child[];
  export function h(type: unknown, props: object | null, ...children: Child[]): VNode;
  export function render(tree: Child, parent: Element): void;
  export const Fragment: unknown;
}

declare module "preact/hooks" {
  export interface Ref<T> {
    current: T;
  }
  export function useState<T>(initial: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
  export function useEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
  export function useLayoutEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
  export function useMemo<T>(compute: () => T, inputs: unknown[]): T;
  export function useCallback<T>(callback: T, inputs: unknown[]): T;
  export function useId(): string;
  export function useRef<T>(initial: T): Ref<T>;
}

declare module "@preact/signals" {
  export interface ReadonlySignal<T> {
    readonly value: T;
    peek(): T;
    subscribe(run: (value: T) => void): () => void;
  }
  export interface Signal<T> extends ReadonlySignal<T> {
    value: T;
  }
  export function signal<T>(value: T): Signal<T>;
  export function computed<T>(compute: () => T): ReadonlySignal<T>;
  export function effect(run: () => void | (() => void)): () => void;
  export function untracked<T>(run: () => T): T;
  export function useSignal<T>(value: T): Signal<T>;
  export function useComputed<T>(compute: () => T): ReadonlySignal<T>;
  export function useSignalEffect(run: () => void | (() => void)): void;
  export function batch<T>(run: () => T): T;
}

declare module "htm" {
  import type { Child, VNode, h } from "preact";
  const htm: {
    bind(create: typeof h): (strings: TemplateStringsArray, ...values: any[]) => VNode & Child;
  };
  export default htm;
}
