/** A choice among few that are all in sight, below its label. */

import { Input, type InputWrapperProps, SegmentedControl, type SegmentedControlProps } from "@mantine/core";

export function Segments({
  label,
  description,
  required,
  error,
  ...choice
}: { label: string } & Pick<InputWrapperProps, "description" | "required" | "error"> &
  Pick<SegmentedControlProps, "data" | "value" | "onChange" | "readOnly" | "size" | "orientation">) {
  return (
    <Input.Wrapper
      label={label}
      description={description}
      withAsterisk={required}
      error={error}
      labelElement="div"
    >
      <div>
        <SegmentedControl mt={4} aria-label={label} {...choice} />
      </div>
    </Input.Wrapper>
  );
}
