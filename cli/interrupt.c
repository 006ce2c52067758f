/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/interrupt.h"

#include <time.h>
#include <unistd.h>

#include "cli/command.h"

volatile sig_atomic_t interrupt;
static time_t interrupted_at;

static void on_signal(int signal_number)
{
    const time_t now = time(NULL);
    if (interrupt != 0 && now > interrupted_at + 1)
        _exit(EXIT_INTERRUPTED);
    if (interrupt == 0)
        interrupted_at = now;
    interrupt = signal_number;
}

static void catch_signal(int signal_number)
{
    struct sigaction old, action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(signal_number, &action, NULL);
}

void interrupt_catch(void)
{
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
}
