// Generated from spec/wit/extension.wit by `npm run generate`. Do not edit.
import type { FuncDescription, ValueType } from '@morphee/component'

/** One function that an extension may import. */
export interface ContractFunction {
  readonly interface: string
  readonly name: string
  /** The name in JavaScript's convention. */
  readonly jsName: string
  readonly place: 'worker' | 'host'
  readonly params: readonly ValueType[]
  readonly result: ValueType | null
  readonly type: FuncDescription
}

/** Version of the package `morphee:extension`. */
export const CONTRACT_VERSION = '0.9.0'

/** Every function, as `interface#function`. */
export const CONTRACT: Readonly<Record<string, ContractFunction>> = {
 "invocation#id": {
  "interface": "invocation",
  "name": "id",
  "jsName": "id",
  "place": "worker",
  "params": [],
  "result": {
   "kind": "string"
  },
  "type": {
   "kind": "func",
   "params": [],
   "result": {
    "kind": "string"
   }
  }
 },
 "invocation#caller": {
  "interface": "invocation",
  "name": "caller",
  "jsName": "caller",
  "place": "worker",
  "params": [],
  "result": {
   "kind": "string"
  },
  "type": {
   "kind": "func",
   "params": [],
   "result": {
    "kind": "string"
   }
  }
 },
 "invocation#locale": {
  "interface": "invocation",
  "name": "locale",
  "jsName": "locale",
  "place": "worker",
  "params": [],
  "result": {
   "kind": "string"
  },
  "type": {
   "kind": "func",
   "params": [],
   "result": {
    "kind": "string"
   }
  }
 },
 "invocation#time-zone": {
  "interface": "invocation",
  "name": "time-zone",
  "jsName": "timeZone",
  "place": "worker",
  "params": [],
  "result": {
   "kind": "string"
  },
  "type": {
   "kind": "func",
   "params": [],
   "result": {
    "kind": "string"
   }
  }
 },
 "invocation#remaining-ms": {
  "interface": "invocation",
  "name": "remaining-ms",
  "jsName": "remainingMs",
  "place": "worker",
  "params": [],
  "result": {
   "kind": "u64"
  },
  "type": {
   "kind": "func",
   "params": [],
   "result": {
    "kind": "u64"
   }
  }
 },
 "invocation#progress": {
  "interface": "invocation",
  "name": "progress",
  "jsName": "progress",
  "place": "worker",
  "params": [
   {
    "kind": "option",
    "type": {
     "kind": "f32"
    }
   },
   {
    "kind": "string"
   }
  ],
  "result": null,
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "fraction",
     "type": {
      "kind": "option",
      "type": {
       "kind": "f32"
      }
     }
    },
    {
     "name": "message",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": null
  }
 },
 "log#write": {
  "interface": "log",
  "name": "write",
  "jsName": "write",
  "place": "worker",
  "params": [
   {
    "kind": "enum",
    "names": [
     "debug",
     "info",
     "warn",
     "error"
    ]
   },
   {
    "kind": "string"
   }
  ],
  "result": null,
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "level",
     "type": {
      "kind": "enum",
      "names": [
       "debug",
       "info",
       "warn",
       "error"
      ]
     }
    },
    {
     "name": "message",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": null
  }
 },
 "clock#now": {
  "interface": "clock",
  "name": "now",
  "jsName": "now",
  "place": "worker",
  "params": [],
  "result": {
   "kind": "u64"
  },
  "type": {
   "kind": "func",
   "params": [],
   "result": {
    "kind": "u64"
   }
  }
 },
 "clock#monotonic": {
  "interface": "clock",
  "name": "monotonic",
  "jsName": "monotonic",
  "place": "worker",
  "params": [],
  "result": {
   "kind": "u64"
  },
  "type": {
   "kind": "func",
   "params": [],
   "result": {
    "kind": "u64"
   }
  }
 },
 "random#bytes": {
  "interface": "random",
  "name": "bytes",
  "jsName": "bytes",
  "place": "worker",
  "params": [
   {
    "kind": "u32"
   }
  ],
  "result": {
   "kind": "list",
   "element": {
    "kind": "u8"
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "count",
     "type": {
      "kind": "u32"
     }
    }
   ],
   "result": {
    "kind": "list",
    "element": {
     "kind": "u8"
    }
   }
  }
 },
 "config#get": {
  "interface": "config",
  "name": "get",
  "jsName": "get",
  "place": "worker",
  "params": [
   {
    "kind": "string"
   }
  ],
  "result": {
   "kind": "option",
   "type": {
    "kind": "string"
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "key",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": {
    "kind": "option",
    "type": {
     "kind": "string"
    }
   }
  }
 },
 "http#read": {
  "interface": "http",
  "name": "read",
  "jsName": "read",
  "place": "host",
  "params": [
   {
    "kind": "record",
    "fields": [
     {
      "name": "method",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "url",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "headers",
      "type": {
       "kind": "list",
       "element": {
        "kind": "record",
        "fields": [
         {
          "name": "name",
          "type": {
           "kind": "string"
          }
         },
         {
          "name": "value",
          "type": {
           "kind": "string"
          }
         }
        ]
       }
      }
     },
     {
      "name": "body",
      "type": {
       "kind": "option",
       "type": {
        "kind": "list",
        "element": {
         "kind": "u8"
        }
       }
      }
     },
     {
      "name": "credential",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "timeout-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "record",
    "fields": [
     {
      "name": "status",
      "type": {
       "kind": "u16"
      }
     },
     {
      "name": "headers",
      "type": {
       "kind": "list",
       "element": {
        "kind": "record",
        "fields": [
         {
          "name": "name",
          "type": {
           "kind": "string"
          }
         },
         {
          "name": "value",
          "type": {
           "kind": "string"
          }
         }
        ]
       }
      }
     },
     {
      "name": "body",
      "type": {
       "kind": "list",
       "element": {
        "kind": "u8"
       }
      }
     },
     {
      "name": "url",
      "type": {
       "kind": "string"
      }
     }
    ]
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "request",
     "type": {
      "kind": "record",
      "fields": [
       {
        "name": "method",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "url",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "headers",
        "type": {
         "kind": "list",
         "element": {
          "kind": "record",
          "fields": [
           {
            "name": "name",
            "type": {
             "kind": "string"
            }
           },
           {
            "name": "value",
            "type": {
             "kind": "string"
            }
           }
          ]
         }
        }
       },
       {
        "name": "body",
        "type": {
         "kind": "option",
         "type": {
          "kind": "list",
          "element": {
           "kind": "u8"
          }
         }
        }
       },
       {
        "name": "credential",
        "type": {
         "kind": "option",
         "type": {
          "kind": "string"
         }
        }
       },
       {
        "name": "timeout-ms",
        "type": {
         "kind": "option",
         "type": {
          "kind": "u32"
         }
        }
       }
      ]
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "record",
     "fields": [
      {
       "name": "status",
       "type": {
        "kind": "u16"
       }
      },
      {
       "name": "headers",
       "type": {
        "kind": "list",
        "element": {
         "kind": "record",
         "fields": [
          {
           "name": "name",
           "type": {
            "kind": "string"
           }
          },
          {
           "name": "value",
           "type": {
            "kind": "string"
           }
          }
         ]
        }
       }
      },
      {
       "name": "body",
       "type": {
        "kind": "list",
        "element": {
         "kind": "u8"
        }
       }
      },
      {
       "name": "url",
       "type": {
        "kind": "string"
       }
      }
     ]
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "http#read-all": {
  "interface": "http",
  "name": "read-all",
  "jsName": "readAll",
  "place": "host",
  "params": [
   {
    "kind": "list",
    "element": {
     "kind": "record",
     "fields": [
      {
       "name": "method",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "url",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "headers",
       "type": {
        "kind": "list",
        "element": {
         "kind": "record",
         "fields": [
          {
           "name": "name",
           "type": {
            "kind": "string"
           }
          },
          {
           "name": "value",
           "type": {
            "kind": "string"
           }
          }
         ]
        }
       }
      },
      {
       "name": "body",
       "type": {
        "kind": "option",
        "type": {
         "kind": "list",
         "element": {
          "kind": "u8"
         }
        }
       }
      },
      {
       "name": "credential",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "timeout-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  ],
  "result": {
   "kind": "list",
   "element": {
    "kind": "result",
    "ok": {
     "kind": "record",
     "fields": [
      {
       "name": "status",
       "type": {
        "kind": "u16"
       }
      },
      {
       "name": "headers",
       "type": {
        "kind": "list",
        "element": {
         "kind": "record",
         "fields": [
          {
           "name": "name",
           "type": {
            "kind": "string"
           }
          },
          {
           "name": "value",
           "type": {
            "kind": "string"
           }
          }
         ]
        }
       }
      },
      {
       "name": "body",
       "type": {
        "kind": "list",
        "element": {
         "kind": "u8"
        }
       }
      },
      {
       "name": "url",
       "type": {
        "kind": "string"
       }
      }
     ]
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "requests",
     "type": {
      "kind": "list",
      "element": {
       "kind": "record",
       "fields": [
        {
         "name": "method",
         "type": {
          "kind": "string"
         }
        },
        {
         "name": "url",
         "type": {
          "kind": "string"
         }
        },
        {
         "name": "headers",
         "type": {
          "kind": "list",
          "element": {
           "kind": "record",
           "fields": [
            {
             "name": "name",
             "type": {
              "kind": "string"
             }
            },
            {
             "name": "value",
             "type": {
              "kind": "string"
             }
            }
           ]
          }
         }
        },
        {
         "name": "body",
         "type": {
          "kind": "option",
          "type": {
           "kind": "list",
           "element": {
            "kind": "u8"
           }
          }
         }
        },
        {
         "name": "credential",
         "type": {
          "kind": "option",
          "type": {
           "kind": "string"
          }
         }
        },
        {
         "name": "timeout-ms",
         "type": {
          "kind": "option",
          "type": {
           "kind": "u32"
          }
         }
        }
       ]
      }
     }
    }
   ],
   "result": {
    "kind": "list",
    "element": {
     "kind": "result",
     "ok": {
      "kind": "record",
      "fields": [
       {
        "name": "status",
        "type": {
         "kind": "u16"
        }
       },
       {
        "name": "headers",
        "type": {
         "kind": "list",
         "element": {
          "kind": "record",
          "fields": [
           {
            "name": "name",
            "type": {
             "kind": "string"
            }
           },
           {
            "name": "value",
            "type": {
             "kind": "string"
            }
           }
          ]
         }
        }
       },
       {
        "name": "body",
        "type": {
         "kind": "list",
         "element": {
          "kind": "u8"
         }
        }
       },
       {
        "name": "url",
        "type": {
         "kind": "string"
        }
       }
      ]
     },
     "error": {
      "kind": "record",
      "fields": [
       {
        "name": "code",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "message",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "details",
        "type": {
         "kind": "option",
         "type": {
          "kind": "string"
         }
        }
       },
       {
        "name": "retry-after-ms",
        "type": {
         "kind": "option",
         "type": {
          "kind": "u32"
         }
        }
       }
      ]
     }
    }
   }
  }
 },
 "http#write": {
  "interface": "http",
  "name": "write",
  "jsName": "write",
  "place": "host",
  "params": [
   {
    "kind": "record",
    "fields": [
     {
      "name": "method",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "url",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "headers",
      "type": {
       "kind": "list",
       "element": {
        "kind": "record",
        "fields": [
         {
          "name": "name",
          "type": {
           "kind": "string"
          }
         },
         {
          "name": "value",
          "type": {
           "kind": "string"
          }
         }
        ]
       }
      }
     },
     {
      "name": "body",
      "type": {
       "kind": "option",
       "type": {
        "kind": "list",
        "element": {
         "kind": "u8"
        }
       }
      }
     },
     {
      "name": "credential",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "timeout-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "record",
    "fields": [
     {
      "name": "status",
      "type": {
       "kind": "u16"
      }
     },
     {
      "name": "headers",
      "type": {
       "kind": "list",
       "element": {
        "kind": "record",
        "fields": [
         {
          "name": "name",
          "type": {
           "kind": "string"
          }
         },
         {
          "name": "value",
          "type": {
           "kind": "string"
          }
         }
        ]
       }
      }
     },
     {
      "name": "body",
      "type": {
       "kind": "list",
       "element": {
        "kind": "u8"
       }
      }
     },
     {
      "name": "url",
      "type": {
       "kind": "string"
      }
     }
    ]
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "request",
     "type": {
      "kind": "record",
      "fields": [
       {
        "name": "method",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "url",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "headers",
        "type": {
         "kind": "list",
         "element": {
          "kind": "record",
          "fields": [
           {
            "name": "name",
            "type": {
             "kind": "string"
            }
           },
           {
            "name": "value",
            "type": {
             "kind": "string"
            }
           }
          ]
         }
        }
       },
       {
        "name": "body",
        "type": {
         "kind": "option",
         "type": {
          "kind": "list",
          "element": {
           "kind": "u8"
          }
         }
        }
       },
       {
        "name": "credential",
        "type": {
         "kind": "option",
         "type": {
          "kind": "string"
         }
        }
       },
       {
        "name": "timeout-ms",
        "type": {
         "kind": "option",
         "type": {
          "kind": "u32"
         }
        }
       }
      ]
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "record",
     "fields": [
      {
       "name": "status",
       "type": {
        "kind": "u16"
       }
      },
      {
       "name": "headers",
       "type": {
        "kind": "list",
        "element": {
         "kind": "record",
         "fields": [
          {
           "name": "name",
           "type": {
            "kind": "string"
           }
          },
          {
           "name": "value",
           "type": {
            "kind": "string"
           }
          }
         ]
        }
       }
      },
      {
       "name": "body",
       "type": {
        "kind": "list",
        "element": {
         "kind": "u8"
        }
       }
      },
      {
       "name": "url",
       "type": {
        "kind": "string"
       }
      }
     ]
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "storage#get": {
  "interface": "storage",
  "name": "get",
  "jsName": "get",
  "place": "host",
  "params": [
   {
    "kind": "string"
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "option",
    "type": {
     "kind": "list",
     "element": {
      "kind": "u8"
     }
    }
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "key",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "option",
     "type": {
      "kind": "list",
      "element": {
       "kind": "u8"
      }
     }
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "storage#set": {
  "interface": "storage",
  "name": "set",
  "jsName": "set",
  "place": "host",
  "params": [
   {
    "kind": "string"
   },
   {
    "kind": "list",
    "element": {
     "kind": "u8"
    }
   }
  ],
  "result": {
   "kind": "result",
   "ok": null,
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "key",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "value",
     "type": {
      "kind": "list",
      "element": {
       "kind": "u8"
      }
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": null,
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "storage#delete": {
  "interface": "storage",
  "name": "delete",
  "jsName": "delete",
  "place": "host",
  "params": [
   {
    "kind": "string"
   }
  ],
  "result": {
   "kind": "result",
   "ok": null,
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "key",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": null,
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "storage#keys": {
  "interface": "storage",
  "name": "keys",
  "jsName": "keys",
  "place": "host",
  "params": [
   {
    "kind": "string"
   },
   {
    "kind": "u32"
   },
   {
    "kind": "option",
    "type": {
     "kind": "string"
    }
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "record",
    "fields": [
     {
      "name": "keys",
      "type": {
       "kind": "list",
       "element": {
        "kind": "string"
       }
      }
     },
     {
      "name": "cursor",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     }
    ]
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "prefix",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "limit",
     "type": {
      "kind": "u32"
     }
    },
    {
     "name": "cursor",
     "type": {
      "kind": "option",
      "type": {
       "kind": "string"
      }
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "record",
     "fields": [
      {
       "name": "keys",
       "type": {
        "kind": "list",
        "element": {
         "kind": "string"
        }
       }
      },
      {
       "name": "cursor",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      }
     ]
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "data#get": {
  "interface": "data",
  "name": "get",
  "jsName": "get",
  "place": "host",
  "params": [
   {
    "kind": "string"
   },
   {
    "kind": "string"
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "option",
    "type": {
     "kind": "record",
     "fields": [
      {
       "name": "id",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "revision",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "json",
       "type": {
        "kind": "string"
       }
      }
     ]
    }
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "collection",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "id",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "option",
     "type": {
      "kind": "record",
      "fields": [
       {
        "name": "id",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "revision",
        "type": {
         "kind": "string"
        }
       },
       {
        "name": "json",
        "type": {
         "kind": "string"
        }
       }
      ]
     }
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "data#query": {
  "interface": "data",
  "name": "query",
  "jsName": "query",
  "place": "host",
  "params": [
   {
    "kind": "string"
   },
   {
    "kind": "string"
   },
   {
    "kind": "u32"
   },
   {
    "kind": "option",
    "type": {
     "kind": "string"
    }
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "record",
    "fields": [
     {
      "name": "entries",
      "type": {
       "kind": "list",
       "element": {
        "kind": "record",
        "fields": [
         {
          "name": "id",
          "type": {
           "kind": "string"
          }
         },
         {
          "name": "revision",
          "type": {
           "kind": "string"
          }
         },
         {
          "name": "json",
          "type": {
           "kind": "string"
          }
         }
        ]
       }
      }
     },
     {
      "name": "cursor",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     }
    ]
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "collection",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "filter",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "limit",
     "type": {
      "kind": "u32"
     }
    },
    {
     "name": "cursor",
     "type": {
      "kind": "option",
      "type": {
       "kind": "string"
      }
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "record",
     "fields": [
      {
       "name": "entries",
       "type": {
        "kind": "list",
        "element": {
         "kind": "record",
         "fields": [
          {
           "name": "id",
           "type": {
            "kind": "string"
           }
          },
          {
           "name": "revision",
           "type": {
            "kind": "string"
           }
          },
          {
           "name": "json",
           "type": {
            "kind": "string"
           }
          }
         ]
        }
       }
      },
      {
       "name": "cursor",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      }
     ]
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "data#create": {
  "interface": "data",
  "name": "create",
  "jsName": "create",
  "place": "host",
  "params": [
   {
    "kind": "string"
   },
   {
    "kind": "string"
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "record",
    "fields": [
     {
      "name": "id",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "revision",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "json",
      "type": {
       "kind": "string"
      }
     }
    ]
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "collection",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "json",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "record",
     "fields": [
      {
       "name": "id",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "revision",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "json",
       "type": {
        "kind": "string"
       }
      }
     ]
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "data#update": {
  "interface": "data",
  "name": "update",
  "jsName": "update",
  "place": "host",
  "params": [
   {
    "kind": "string"
   },
   {
    "kind": "string"
   },
   {
    "kind": "string"
   },
   {
    "kind": "string"
   }
  ],
  "result": {
   "kind": "result",
   "ok": {
    "kind": "record",
    "fields": [
     {
      "name": "id",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "revision",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "json",
      "type": {
       "kind": "string"
      }
     }
    ]
   },
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "collection",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "id",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "revision",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "json",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": {
     "kind": "record",
     "fields": [
      {
       "name": "id",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "revision",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "json",
       "type": {
        "kind": "string"
       }
      }
     ]
    },
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 },
 "data#delete": {
  "interface": "data",
  "name": "delete",
  "jsName": "delete",
  "place": "host",
  "params": [
   {
    "kind": "string"
   },
   {
    "kind": "string"
   },
   {
    "kind": "string"
   }
  ],
  "result": {
   "kind": "result",
   "ok": null,
   "error": {
    "kind": "record",
    "fields": [
     {
      "name": "code",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "message",
      "type": {
       "kind": "string"
      }
     },
     {
      "name": "details",
      "type": {
       "kind": "option",
       "type": {
        "kind": "string"
       }
      }
     },
     {
      "name": "retry-after-ms",
      "type": {
       "kind": "option",
       "type": {
        "kind": "u32"
       }
      }
     }
    ]
   }
  },
  "type": {
   "kind": "func",
   "params": [
    {
     "name": "collection",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "id",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "revision",
     "type": {
      "kind": "string"
     }
    }
   ],
   "result": {
    "kind": "result",
    "ok": null,
    "error": {
     "kind": "record",
     "fields": [
      {
       "name": "code",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "message",
       "type": {
        "kind": "string"
       }
      },
      {
       "name": "details",
       "type": {
        "kind": "option",
        "type": {
         "kind": "string"
        }
       }
      },
      {
       "name": "retry-after-ms",
       "type": {
        "kind": "option",
        "type": {
         "kind": "u32"
        }
       }
      }
     ]
    }
   }
  }
 }
}

/** Type of `actions.invoke`, which every extension exports. */
export const INVOKE: FuncDescription = {
 "kind": "func",
 "params": [
  {
   "name": "action",
   "type": {
    "kind": "string"
   }
  },
  {
   "name": "input",
   "type": {
    "kind": "string"
   }
  }
 ],
 "result": {
  "kind": "result",
  "ok": {
   "kind": "string"
  },
  "error": {
   "kind": "record",
   "fields": [
    {
     "name": "code",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "message",
     "type": {
      "kind": "string"
     }
    },
    {
     "name": "details",
     "type": {
      "kind": "option",
      "type": {
       "kind": "string"
      }
     }
    },
    {
     "name": "retry-after-ms",
     "type": {
      "kind": "option",
      "type": {
       "kind": "u32"
      }
     }
    }
   ]
  }
 }
}
