#include <tencentcloud/core/CommonClient.h> // the whole stub
