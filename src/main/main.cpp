#include "main/cli/cli.h"

int main(int argc, char** argv) { return mend::run_cli(argc, argv); }
