import { useEffect, useState } from 'react';
import { Strongroom } from 'strongroom';

/** The engine, while the component is there; what it opened is locked when the component goes. */
export function useStrongroom(): Strongroom | undefined {
  const [strongroom, setStrongroom] = useState<Strongroom>();
  useEffect(() => {
    const starting = Strongroom.start();
    starting.then(setStrongroom, console.error);
    return () => {
      setStrongroom(undefined);
      starting.then((started) => started.close(), () => undefined);
    };
  }, []);
  return strongroom;
}
