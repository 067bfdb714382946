import type { TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Tells whether somebody reads the rows of a list: the mouse or the focus of a keyboard is on them, or what is above them
 * was scrolled away. Rows that moved then would be lost, or another one pressed than was meant.
 */
export function useReading() {
  const [isOver, setOver] = useState(false);
  const [hasFocus, setFocus] = useState(false);
  const [isBelow, setBelow] = useState(false);
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const scroll = (): void => setBelow((top.current?.getBoundingClientRect().bottom ?? 0) < 0);
    addEventListener('scroll', scroll, { passive: true });
    return () => removeEventListener('scroll', scroll);
  }, []);
  const handlers = {
    onPointerEnter: ({ pointerType }: PointerEvent): void => setOver(pointerType === 'mouse'),
    onPointerLeave: (): void => setOver(false),
    onFocusIn: ({ target }: TargetedEvent<HTMLElement, FocusEvent>): void =>
      setFocus(target instanceof Element && target.matches(':focus-visible')),
    onFocusOut: (): void => setFocus(false),
  };
  return { isReading: isOver || hasFocus || isBelow, top, handlers };
}
