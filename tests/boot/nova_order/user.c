// SPDX-License-Identifier: GPL-2.0
#include "../../models/steer.h"
