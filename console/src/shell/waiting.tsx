/** What is shown while a page is being loaded. */

import { Center, Loader } from "@mantine/core";

export function Waiting() {
  return (
    <Center mih="100vh">
      <Loader aria-label="Loading" />
    </Center>
  );
}
