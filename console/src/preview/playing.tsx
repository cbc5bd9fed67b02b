/** A preview that is being played: the phone, the clock, what the outside does, and what came of each step. */

import { Alert, Button, Group, Loader, Stack, Switch, Tabs, Text, Title, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconDeviceFloppy, IconRefresh } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useMay } from "../api/session";
import type { Value } from "../entities/document";
import { addressOf } from "../trees/places";
import { count } from "../words";
import { useDrawn } from "./drawn";
import { useRemembering } from "./kept";
import { linesOf, offered } from "./lines";
import { Outside } from "./outside";
import classes from "./page.module.css";
import { Passing } from "./passing";
import { Phone } from "./phone";
import { Saving } from "./saving";
import { unwritable } from "./scenario";
import { type Act, type Setting, settled, useDocument, usePlayed } from "./script";
import { SettingForm } from "./setting";
import { Steps } from "./steps";
import { Values } from "./values";

const Diagram = lazy(async () => ({ default: (await import("../trees/diagram")).Diagram }));
const Following = lazy(async () => ({ default: (await import("./following")).Following }));

export function Playing({
  address,
  given,
  done,
  scenario,
}: {
  address: string;
  given: Setting;
  done: Act[];
  scenario: { name: string; title: string } | null;
}) {
  const admin = useMay("admin");
  const navigate = useNavigate();
  const [setting, setSetting] = useState(given);
  const [acts, setActs] = useState(done);
  const [looking, setLooking] = useState<number | null>(null);
  const [saving, setSaving] = useState(false);
  const [settling, setSettling] = useState(true);
  useRemembering(address, setting, acts);
  const about = useDocument(setting.of);
  const play = usePlayed(setting, acts, setting.begin !== "" || setting.stored !== null);
  const preview = play.data?.preview;
  const steps = preview?.steps ?? [];
  const last = steps.at(-1);
  const chosen = steps.find((one) => one.number === looking) ?? last;
  const shown = chosen ? steps.slice(0, steps.indexOf(chosen) + 1) : [];
  const atEnd = chosen === last;
  const before = chosen ? steps[steps.indexOf(chosen) - 1] : undefined;
  const tree = useDrawn(setting, about.data);
  const visited = shown.flatMap((one) => one.visited.map((visit) => visit.path));
  const highlight = visited.length > 0 ? visited : setting.stored ? [setting.stored.position.place] : [];
  const connector = about.data?.connectors?.[setting.begin.split("/")[1] ?? ""];
  const breakers: string[] = (connector?.ice_breakers ?? []).map((one: Value) => one.question);
  const hindrance = unwritable(setting);

  const burst = settling && atEnd && !play.isPlaceholderData ? settled(acts, last) : null;
  useEffect(() => {
    if (burst !== null) setActs((now) => (now === acts ? [...now, { type: "wait", duration: burst }] : now));
  }, [burst, acts]);

  const act = (one: Act) => {
    setActs([...(chosen && !atEnd ? acts.slice(0, chosen.number) : acts), one]);
    setLooking(null);
  };
  const back = (step: number) => {
    setActs(acts.slice(0, step));
    setLooking(null);
  };
  const undo = () => {
    const before = acts.at(-2)?.type;
    const waited = settling && acts.at(-1)?.type === "wait" && (before === "user" || before === "tap");
    back(acts.length - (waited ? 2 : 1));
  };
  const outside = (
    <Outside step={chosen} steps={shown} document={about.data} recorded={setting.stored !== null} act={act} />
  );
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2">
            Preview
          </Title>
          <Text c="dimmed">Write as a customer and move the clock. Nothing is sent, stored or asked.</Text>
        </div>
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={16} />}
            disabled={acts.length === 0}
            onClick={undo}
          >
            Undo
          </Button>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            disabled={acts.length === 0}
            onClick={() => back(0)}
          >
            Start anew
          </Button>
          {admin && (
            <Tooltip label={hindrance} disabled={hindrance === null}>
              <Button
                leftSection={<IconDeviceFloppy size={16} />}
                disabled={acts.length === 0 || hindrance !== null || !play.data}
                onClick={() => setSaving(true)}
              >
                Save as scenario
              </Button>
            </Tooltip>
          )}
        </Group>
      </Group>
      <SettingForm
        setting={setting}
        document={about.data}
        change={(part) => setSetting((now) => ({ ...now, ...part }))}
      />
      {(play.data?.errors ?? 0) > 0 && (
        <Alert color="orange" title={`The sandbox has ${count(play.data?.errors ?? 0, "error")}`}>
          What cannot be read of it is mended or left out here.
        </Alert>
      )}
      {play.error && (
        <Alert color="red" role="alert">
          {play.error.message}
        </Alert>
      )}
      {preview?.problems.map((one) => (
        <Alert key={one} color="red" title="It cannot begin here">
          {one}
        </Alert>
      ))}
      {setting.begin === "" && !setting.stored && (
        <Alert color="orange">There is no connector yet at which a conversation could begin.</Alert>
      )}
      <div className={classes.columns}>
        <Stack gap="sm">
          <Passing
            now={chosen?.at ?? preview?.at ?? new Date().toISOString()}
            timezone={setting.timezone}
            rests={chosen?.rests ?? null}
            act={act}
          >
            <Switch
              mt="xs"
              size="xs"
              label="Let a burst of messages settle at once"
              checked={settling}
              onChange={(event) => setSettling(event.currentTarget.checked)}
            />
          </Passing>
          {chosen?.pending && outside}
          <Phone
            title={
              setting.stored?.position.customer.name ?? (setting.name || setting.username || "A customer")
            }
            lines={linesOf(setting, acts, shown)}
            choices={offered(shown, breakers)}
            timezone={setting.timezone}
            busy={play.isFetching}
            disabled={chosen?.pending ? "Answer the request above first." : null}
            act={act}
          />
          {!atEnd && chosen && (
            <Alert color="blue" p="xs">
              You look at step {chosen.number}. What you do now takes the later steps away.{" "}
              <Button size="compact-xs" variant="white" onClick={() => setLooking(null)}>
                Show the end
              </Button>
            </Alert>
          )}
          {!chosen?.pending && outside}
        </Stack>
        <Stack gap="sm" className={classes.wide}>
          {tree.data && (
            <Suspense fallback={<Loader aria-label="Loading the diagram" />}>
              <Diagram
                tree={tree.data}
                highlight={highlight}
                height={420}
                label="Where the conversation went"
                onSelect={(path) => navigate(addressOf(path))}
              >
                <Following path={highlight.at(-1) ?? null} />
              </Diagram>
            </Suspense>
          )}
          <Tabs defaultValue="steps" keepMounted={false}>
            <Tabs.List mb="sm">
              <Tabs.Tab value="steps">Steps</Tabs.Tab>
              <Tabs.Tab value="values">Values</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="steps">
              {steps.length === 0 && (
                <Text c="dimmed">Each step is listed here, with every place and why.</Text>
              )}
              <Steps
                steps={steps}
                selected={chosen?.number}
                timezone={setting.timezone}
                document={about.data}
                select={setLooking}
                back={back}
              />
            </Tabs.Panel>
            <Tabs.Panel value="values">
              <Values step={chosen} before={before} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      </div>
      {saving && (
        <Saving
          setting={setting}
          acts={acts}
          steps={steps}
          given={scenario}
          onClose={() => setSaving(false)}
        />
      )}
    </Stack>
  );
}
