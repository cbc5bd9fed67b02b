/** A connector's access token: how it is, and the way to authorise an Instagram account. */

import { Alert, Anchor, Badge, Box, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconBrandInstagram, IconExternalLink } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { ACCOUNTS, FLAVOURS, nameOf, useAccounts } from "../../admin/accounts";
import { Expiry } from "../../admin/expiry";
import { client, type Schemas, told } from "../../api/client";
import { useMay } from "../../api/session";
import { Copied } from "../../parts/copied";
import { time } from "../../words";
import { entityKey } from "../draft";
import { useSide } from "./side";

export function AccessToken() {
  const { of, name } = useSide();
  const admin = useMay("admin");
  return of === "sandbox" && admin ? <Token connector={name} /> : null;
}

function Token({ connector }: { connector: string }) {
  const accounts = useAccounts();
  const there = useInProduction(connector);
  const account = accounts.data?.items.find((one) => one.connector === connector);
  return (
    <Box className="card" p="sm">
      <Text size="sm" fw={500} mb={6}>
        Access token
      </Text>
      <Stack gap="sm">
        {account ? (
          <State account={account} />
        ) : (
          <Text size="sm" c="dimmed">
            None yet. It is filled in when an Instagram account is authorised.
          </Text>
        )}
        {there.data === false ? (
          <Alert color="yellow" title="Not in production yet">
            <Text size="sm">
              An account is authorised for the connector that customers reach, so that one has to be there
              first. Save it,{" "}
              <Anchor component={Link} to="/apply" size="sm">
                apply the configuration
              </Anchor>
              , and come back here.
            </Text>
          </Alert>
        ) : (
          there.data && <Authorise connector={connector} again={account !== undefined} />
        )}
      </Stack>
    </Box>
  );
}

function State({ account }: { account: Schemas["ConnectedAccount"] }) {
  return (
    <div>
      <Group gap="xs">
        <Text size="sm">
          {nameOf(account)}, {FLAVOURS[account.flavour]}
        </Text>
        <Badge color={account.status === "active" ? "green" : "red"} variant="light">
          {account.status}
        </Badge>
      </Group>
      {account.paused_reason && (
        <Text size="sm" c="red">
          {account.paused_reason}
        </Text>
      )}
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {account.token_expires_at ? "Good until" : "The token"}
        </Text>
        <Expiry at={account.token_expires_at} never="does not run out by itself" />
      </Group>
      <Anchor component={Link} to="/accounts" size="xs">
        All accounts
      </Anchor>
    </div>
  );
}

function Authorise({ connector, again }: { connector: string; again: boolean }) {
  const [shown, setShown] = useState(false);
  const queries = useQueryClient();
  // Meta's pages are in another window: whoever comes back from there is to see what came of it.
  useEffect(() => {
    if (!shown) return;
    const timer = setInterval(() => queries.invalidateQueries({ queryKey: ACCOUNTS }), 3_000);
    return () => clearInterval(timer);
  }, [shown, queries]);
  const close = () => {
    setShown(false);
    queries.invalidateQueries();
  };
  const invite = useMutation({
    mutationFn: () =>
      told(client.POST("/api/v1/connectors/{name}/authorise", { params: { path: { name: connector } } })),
    onSuccess: () => setShown(true),
  });
  return (
    <>
      <Button
        w="fit-content"
        variant={again ? "default" : "filled"}
        leftSection={<IconBrandInstagram size={16} />}
        loading={invite.isPending}
        onClick={() => invite.mutate()}
      >
        {again ? "Authorise again" : "Authorise Instagram account"}
      </Button>
      {invite.error && (
        <Text size="sm" c="red" role="alert">
          {invite.error.message}
        </Text>
      )}
      {shown && invite.data && (
        <Modal opened onClose={close} title="Authorise an Instagram account" size="lg">
          <Stack>
            <Text>
              Open this page and log in at Meta, either with the Facebook page of the account or with
              Instagram itself. Or give the link to whoever may do that. It is good until{" "}
              {time(invite.data.expires_at)}.
            </Text>
            <Button
              component="a"
              href={invite.data.url}
              target="_blank"
              rel="noreferrer"
              w="fit-content"
              leftSection={<IconExternalLink size={16} />}
            >
              Open the page
            </Button>
            <Copied value={invite.data.url} label="the link" />
          </Stack>
        </Modal>
      )}
    </>
  );
}

/** What the page around has read already says it. */
function useInProduction(name: string) {
  return useQuery({
    queryKey: entityKey("connectors", name),
    queryFn: () =>
      told(client.GET("/api/v1/sandbox/{kind}/{name}", { params: { path: { kind: "connectors", name } } })),
    refetchOnWindowFocus: false,
    select: (entity) => entity.production !== null,
  });
}
