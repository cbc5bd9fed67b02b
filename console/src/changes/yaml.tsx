/** The document of a revision as YAML, to read, to copy and to keep. */

import { Button, Code, CopyButton, Group, Loader, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client, told } from "../api/client";

export function Yaml({ number }: { number: number }) {
  const yaml = useQuery({
    queryKey: ["revisions", number, "yaml"],
    queryFn: async () =>
      (await told(
        client.GET("/api/v1/revisions/{number}", {
          params: { path: { number } },
          headers: { Accept: "application/yaml" },
          parseAs: "text",
        }),
      )) as unknown as string,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const address = useAddress(yaml.data);
  if (yaml.isLoading) return <Loader aria-label="Loading" />;
  if (yaml.data === undefined) return <Text c="red">{yaml.error?.message}</Text>;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <CopyButton value={yaml.data}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              onClick={copy}
            >
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        {address && (
          <Button
            size="xs"
            variant="default"
            component="a"
            href={address}
            download={`revision-${number}.yaml`}
            leftSection={<IconDownload size={14} />}
          >
            Download
          </Button>
        )}
      </Group>
      <Code
        block
        mah="70vh"
        style={{ overflow: "auto" }}
        tabIndex={0}
        role="region"
        aria-label="Document as YAML"
      >
        {yaml.data}
      </Code>
    </Stack>
  );
}

/** An address under which the browser finds the text as a file. */
function useAddress(text: string | undefined): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (text === undefined) return;
    const made = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return address;
}
